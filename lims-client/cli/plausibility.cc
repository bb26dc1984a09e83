#include "cli/plausibility.h"

#include <algorithm>
#include <string>

#include "cli/secrets.h"
#include "core/render.h"

namespace lims::client {

bool AsksForPlausibility(const Error& error) {
  return error.reason == ErrorReason::kInvalidArgument && !error.violations.empty() &&
         std::all_of(error.violations.begin(), error.violations.end(),
                     [](const Violation& v) { return v.field.ends_with("plausibility"); });
}

bool ConfirmPlausibility(const Error& error) {
  std::string question;
  for (const Violation& violation : error.violations) {
    question += Printable(violation.description) + "\n";
  }
  return AskYes(question + "Record it?");
}

}  // namespace lims::client
