/* What a policy that reviews answers. The structs are laid out as the contract's
 * variants and records are in WebAssembly. */
#ifndef GATEWRIGHT_REPORT_H
#define GATEWRIGHT_REPORT_H

#include "charge.h"
#include "edit.h"
#include "note.h"

/** What becomes of a result. */
enum gw_finding_kind {
  /** It goes on to the agent, with changes. */
  GW_FINDING_PASS,
  /** The agent gets a text instead. */
  GW_FINDING_BLOCK,
};

/** What becomes of this one. */
typedef struct {
  /** Which: an `enum gw_finding_kind`. */
  uint8_t kind;
  union {
    gw_edits pass;
    gw_text block;
  };
} gw_finding;

/** The answer of a policy that reviews. */
typedef struct {
  gw_finding finding;
  /** Labels that the session carries from now on, whatever the finding. */
  gw_texts labels;
  /** What the call cost beyond what was charged before it. At most 32; `on_failure`
   * says nothing here. */
  gw_charges charges;
  gw_notes notes;
} gw_report;

/** The result goes on as it is. */
gw_report gw_pass(void);
/** The result goes on, changed like this, in order. */
gw_report gw_pass_with(gw_edits edits);
/** The agent gets this text instead of the result. */
#define gw_block(message) gw_report_block(gw_text_of(message))

/** The same report, and the session carries these labels from now on. */
gw_report gw_labelling(gw_report report, gw_texts labels);
/** The same report, and the call cost this, beyond what was charged before it; also
 * where that overruns the budget. */
gw_report gw_charging(gw_report report, struct gw_charge charge);

/* What the macro above calls. */
gw_report gw_report_block(gw_text message);

#endif
