// Refusals by the state of a record, worded alike: which record, its state, what to do next.
#ifndef LIMS_DOMAIN_REFUSAL_H_
#define LIMS_DOMAIN_REFUSAL_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "lims/v1/common.pb.h"
#include "lims/v1/lot.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/words.h"

namespace lims::domain {

// WRONG_STATE: "sample S-1 is REJECTED: plan another sample". `record` has its kind and id.
template <typename State>
Error RefuseState(std::string_view record, State state, std::string_view next) {
  return WrongState(std::string(record) + " is " + v1::EnumWord(state) + ": " + std::string(next));
}

// What comes next for a record in that state, naming the command.
std::string NextStep(v1::Disposition disposition);
std::string NextStep(v1::SampleState state);
std::string NextStep(v1::RunState state);
// `noun` is the command's: method or spec.
std::string NextStep(v1::VersionState state, std::string_view noun);

// WRONG_STATE: the lot waits for the second person.
Error RefuseUnconfirmed(std::string_view lot_id);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_REFUSAL_H_
