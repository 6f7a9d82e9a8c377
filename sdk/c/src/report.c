/* Edits, revisions and reports. */

#include "../include/gatewright/because.h"
#include "document.h"
#include "list.h"
#include "note.h"

gw_edit gw_edit_json(gw_text pointer, gw_text json) {
  return (gw_edit){.pointer = pointer, .json = gw_some(json)};
}

gw_edit gw_edit_remove(gw_text pointer) {
  return (gw_edit){.pointer = pointer, .json = gw_none()};
}

gw_edits gw_copy_edits(size_t count, const gw_edit *edits) {
  return (gw_edits){gw_list_join(NULL, 0, edits, count, sizeof *edits), count};
}

gw_revision gw_revise(gw_edits edits) {
  return (gw_revision){.edits = edits};
}

gw_revision gw_revision_because(gw_revision revision, gw_text rule, gw_text text) {
  revision.notes = gw_notes_with(revision.notes, rule, text);
  return revision;
}

gw_report gw_pass(void) {
  return gw_pass_with(gw_no_edits());
}

gw_report gw_pass_with(gw_edits edits) {
  return (gw_report){.finding = {.kind = GW_FINDING_PASS, .pass = edits}};
}

gw_report gw_report_block(gw_text message) {
  return (gw_report){.finding = {.kind = GW_FINDING_BLOCK, .block = message}};
}

gw_report gw_labelling(gw_report report, gw_texts labels) {
  gw_texts before = report.labels;
  report.labels.at = gw_list_join(before.at, before.count, labels.at, labels.count, sizeof *labels.at);
  report.labels.count += labels.count;
  return report;
}

gw_report gw_charging(gw_report report, struct gw_charge charge) {
  gw_charges before = report.charges;
  report.charges.at = gw_list_join(before.at, before.count, &charge, 1, sizeof charge);
  report.charges.count++;
  return report;
}

gw_report gw_report_because(gw_report report, gw_text rule, gw_text text) {
  report.notes = gw_notes_with(report.notes, rule, text);
  return report;
}
