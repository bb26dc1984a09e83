// How stored records become the input of a calculator again: the same for submitting and for
// recomputing, so that both see the same bytes.
#ifndef LIMS_APP_RUN_INPUT_H_
#define LIMS_APP_RUN_INPUT_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/lot_view.h"
#include "instrument/run_map.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// A typed attempt. `method` has only the outputs that the lot is tested for (MethodForLot);
// entries, sample and pinned facts stand in the attempt.
v1::AssayInput TypedInput(const v1::Method& method, const v1::Run& run, const v1::Attempt& attempt);
// The same without the method.
v1::AssayInput TypedValues(const v1::Method& method, const v1::Run& run,
                           const v1::Attempt& attempt);

// Puts the method itself, which is only read, into an input for as long as this lives: a copy of it
// would cost as much as calculating a value.
class LentMethod {
 public:
  LentMethod(const v1::Method& method, v1::AssayInput* input);
  ~LentMethod();
  LentMethod(const LentMethod&) = delete;
  LentMethod& operator=(const LentMethod&) = delete;

 private:
  v1::AssayInput& input_;
};

// What a run on a map was judged from. Attempts in key order, with their pinned facts.
struct RunRecords {
  v1::Method method;
  v1::Run run;
  std::vector<v1::RunPosition> positions;
  std::vector<v1::Reading> readings;
  std::vector<v1::Attempt> attempts;
};

// Everything of a run as it is now.
Result<RunRecords> LoadRun(storage::Records& records, const std::string& run_id);
// The same of an open one, whose facts are not pinned yet where they say how long it is observed.
Result<RunRecords> LoadOpenRun(storage::Records& records, const std::string& run_id);
// Pins them, in the records of an open run that are at hand.
Result<void> PinOpenFacts(storage::Records& records, RunRecords* run);

// The input as far as the readings go, none included.
v1::AssayInput ReadSoFar(const RunRecords& records);

struct PlacedInput {
  v1::AssayInput input;
  std::vector<std::string> places;  // of each datum, as problems name it: "line 12", "reading 2"
};

// Joins raw files, or without files the readings, with the map. INVALID_ARGUMENT names every row
// and position that does not fit; WRONG_STATE when there is nothing to judge.
Result<PlacedInput> RunInput(const RunRecords& records,
                             const std::vector<instrument::ParsedFile>& files);

}  // namespace lims::app

#endif  // LIMS_APP_RUN_INPUT_H_
