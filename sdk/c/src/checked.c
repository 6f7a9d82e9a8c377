/* Answers of a policy, as the gate gets them. */

#include "checked.h"

gw_opinion gw_checked_opinion(gw_opinion opinion, const gw_request *request) {
  gw_problem problem = gw_problem_of(gw_arguments(request));
  return problem.is_some ? gw_deny(gw_invalid_arguments(problem.message)) : opinion;
}

gw_report gw_checked_report(gw_report report, const gw_request *request, const gw_response *response) {
  gw_problem problem = gw_problem_of(gw_arguments(request));
  if (!problem.is_some) problem = gw_problem_of(gw_body(response));
  if (problem.is_some) report.finding = gw_block(problem.message).finding;
  return report;
}
