// A site's history in which every kind of record occurs, and most acts of a laboratory's day.
#ifndef LIMS_TESTS_SUPPORT_EVERY_RECORD_H_
#define LIMS_TESTS_SUPPORT_EVERY_RECORD_H_

#include "support/site_fixture.h"

namespace lims::app {

// On a site that was just made. Lot A is a drug product with one reviewed result, pH 7.2.
void PlayEveryRecordKind(SiteFixture& fixture);

}  // namespace lims::app

#endif  // LIMS_TESTS_SUPPORT_EVERY_RECORD_H_
