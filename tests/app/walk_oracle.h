// Judges a released lot from the events of the log alone.
#ifndef LIMS_TESTS_APP_WALK_ORACLE_H_
#define LIMS_TESTS_APP_WALK_ORACLE_H_

#include <string>
#include <vector>

#include "storage/store.h"

namespace lims::walk {

struct Verdicts {
  bool released = false;                // finally, not conditionally
  bool cleared_doubt = false;           // released, and a repeat that the method prescribes cleared
  std::vector<std::string> complaints;  // about a release, conditional ones included
};

// What is wrong with the decisions on a lot, empty when every release had its signatures, its
// valid and passing results, its segregation of people and its released parents.
Verdicts JudgeFromEvents(storage::Store& store, const std::string& lot);

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALK_ORACLE_H_
