/* What a component exports. The structs of the public headers are laid out as the
 * canonical ABI wants them (`layout.c` checks that), so that nothing is converted. */

#include "../checked.h"
#include "../configure.h"
#include "export.h"

/* There is nothing in them: facts are asked of the gate. */
struct gw_request {
  char nothing;
};

struct gw_response {
  char nothing;
};

static const gw_request gw_this_request;
static const gw_response gw_this_response;

const void *gw_export_describe(void) {
  static gw_description description;
  description = gw_this_component.about();
  return &description;
}

const void *gw_export_configure(char *json, size_t length) {
  static gw_problem problem;
  problem = gw_configure(&gw_this_component, (gw_text){json, length});
  return &problem;
}

const void *gw_export_judge(void) {
  static gw_opinion opinion;
  opinion = gw_checked_opinion(gw_this_component.judge(&gw_this_request), &gw_this_request);
  return &opinion;
}

const void *gw_export_revise(void) {
  static gw_gate_revision result;
  gw_revision revision = gw_this_component.revise(&gw_this_request);
  gw_problem problem = gw_problem_of(gw_arguments(&gw_this_request));
  result = (gw_gate_revision){.is_error = problem.is_some};
  if (problem.is_some) result.error = problem.message;
  else result.revision = revision;
  return &result;
}

const void *gw_export_review(void) {
  static gw_report report;
  report = gw_this_component.review(&gw_this_request, &gw_this_response);
  report = gw_checked_report(report, &gw_this_request, &gw_this_response);
  return &report;
}
