/* Saying why. */
#ifndef GATEWRIGHT_BECAUSE_H
#define GATEWRIGHT_BECAUSE_H

#include "edit.h"
#include "opinion.h"
#include "report.h"

/** The same opinion, revision or report, with a note: a rule that the description
 * lists, and words for the operator, which may be empty. */
#define gw_because(answer, rule, text)   \
  _Generic((answer),                     \
      gw_opinion: gw_opinion_because,    \
      gw_revision: gw_revision_because,  \
      gw_report: gw_report_because)((answer), gw_text_of(rule), gw_text_of(text))

/* What the macro calls. */
gw_opinion gw_opinion_because(gw_opinion opinion, gw_text rule, gw_text text);
gw_revision gw_revision_because(gw_revision revision, gw_text rule, gw_text text);
gw_report gw_report_because(gw_report report, gw_text rule, gw_text text);

#endif
