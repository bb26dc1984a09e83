// Holds that results put on lots: a positive on the lot, on what it was made from, and on
// everything else that was made from that; another failing result of cells that qualify a bank on
// the bank.
#ifndef LIMS_APP_SYSTEM_HOLDS_H_
#define LIMS_APP_SYSTEM_HOLDS_H_

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/lot.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// The holds of one act. They are collected and put together, because an act does not read what it
// writes itself and several lots of a run may hold the same bank.
class SystemHolds {
 public:
  explicit SystemHolds(storage::Transaction& tx) : tx_(tx) {}

  // Results of one attempt that are out of specification: on a biosafety line, or of a lot of a
  // kind that facts name, end-of-production cells. These qualify the banks that they were made
  // from, and with them every lot of those, whichever cells its facts name. Samples of a validation
  // or training may be spiked: they hold their own lot alone, and no bank.
  Result<void> AddResults(const v1::SpecificationText& specification,
                          const std::vector<v1::Result>& results, const std::string& run_id);

  // A positive that was read in an open run and is not out of specification, as when a negative
  // control was positive too: holds its own lot alone, by every line of the method as AddUnexpected
  // may when the run is submitted. `what` is "GROWTH at FTM-1, reading 3". Nothing when no
  // biosafety line is concerned.
  Result<void> AddPositive(const v1::SpecificationText& specification, const v1::Method& method,
                           const v1::Attempt& attempt, const std::string& what);

  // An attempt whose flags say that it shows a positive in a test that does not count, of whatever
  // line: holds its own lot alone, until a valid repeat.
  Result<void> AddUnexpected(const v1::Method& method, const v1::Attempt& attempt);

  void Put();

 private:
  struct Cause {
    v1::HoldKind kind = v1::HOLD_KIND_BIOSAFETY;
    std::string event = "biosafety event";
    std::string lot_id;
    std::vector<std::string> lines;
    std::string text;
    std::string run_id;
  };

  static Cause CauseOf(const v1::Attempt& attempt);
  static void AddTo(const v1::Result& result, Cause* cause);
  Result<void> HoldBanks(const v1::SpecificationText& specification,
                         const std::vector<v1::Result>& results, const std::string& run_id);
  Result<void> Hold(const std::string& lot_id, const Cause& cause);

  storage::Transaction& tx_;
  std::map<std::string, std::vector<v1::Hold>> holds_;  // new ones, by lot
};

// The lots from which the lot was made, and all that were made from it or from those, without
// itself; nearest first. Lots that are rejected or voided are left out.
Result<std::vector<std::string>> BankFamily(storage::Records& records, const std::string& lot_id);

// WRONG_STATE while the hold came from a positive in a test that did not count, and no later
// attempt has answered.
Result<void> RequireAnswered(storage::Records& records, const v1::Hold& hold);

}  // namespace lims::app

#endif  // LIMS_APP_SYSTEM_HOLDS_H_
