// The JSON documents that scripts rely on. Their keys are contract.
#ifndef LIMS_CLIENT_CORE_SHAPES_H_
#define LIMS_CLIENT_CORE_SHAPES_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lims/v1/assay.pb.h"
#include "lims/v1/common.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {

// A line of a lot as one attempt left it.
struct LineResult {
  std::string line;
  const v1::Attempt* attempt = nullptr;  // never null
  const v1::Result* result = nullptr;    // null when the attempt gave none: invalid, aborted, open
  const v1::Run* run = nullptr;          // null when it was not read
  const v1::Receipt* receipt = nullptr;  // null when nothing was written
};

// "PLANNED_RUN 1/3".
std::string KindText(const v1::Attempt& attempt);

// The flag of a result as people read it: a name that says less than it stands for has words behind
// it.
std::string FlagText(const std::string& flag);

// "in force before electronic approval, from 2025-01-06 by QA-PAPER-1"; empty for a version that
// was not approved on paper before, or is not approved yet.
std::string BeforeElectronicApproval(v1::VersionState state, const v1::PaperApproval& paper);

// Flags of the attempt, and what its other fields say in a word: SECOND_ENTRY_DUE,
// CONTRACT_LAB or TRANSCRIBED_PAPER, AMENDED, LATE_ENTRY, LATE_ENTRY_CLEARED.
google::protobuf::RepeatedPtrField<std::string> FlagsOf(const v1::Attempt& attempt);

// {lot, line, attempt:{number, kind, outcome}, value_raw, value_reported, unit, verdict, checks,
//  flags, receipt:{log_index}}; values and verdict are null without a result, receipt without one.
// Beside these, attempt has run ("1/3") where the method plans runs, and a result explanation where
// it is inconclusive or rests on several attempts:[…], and details:{…} of a combination.
nlohmann::ordered_json ResultJson(const LineResult& line);

// The lines of a listing, newest attempt of each line first. An attempt without result stands for
// every line of its panel that has results elsewhere in `listing`, else for the panel's own name.
std::vector<LineResult> LineResults(const v1::ListResultsResponse& listing);

// {lot, disposition, gate, releasable, blockers:[{kind, what, who, description}]}
nlohmann::ordered_json BlockersJson(const v1::GetBlockersResponse& response);

// {assay, version, outcome, checks:[{name, observed, criterion, ok}],
//  reportable:[{name, value, qualifier, unit}], details:{…}}; a check with a scope names it, and a
// number of the run that the sample has too stands as "run.<name>". With
// several samples, checks and reportable values name theirs, details stand below its name, and
// outcomes:{…} gives each sample's.
nlohmann::ordered_json ComputationJson(const v1::Computation& computation);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_SHAPES_H_
