#include "cli/plausibility.h"

#include <algorithm>
#include <string>

#include "cli/secrets.h"
#include "core/render.h"

namespace lims::client {

bool ConfirmsPlausibility(const Error& error) {
  const bool asked =
      error.reason == ErrorReason::kInvalidArgument && !error.violations.empty() &&
      std::all_of(error.violations.begin(), error.violations.end(),
                  [](const Violation& v) { return v.field.ends_with("plausibility"); });
  if (!asked) return false;
  std::string question;
  for (const Violation& violation : error.violations) {
    question += Printable(violation.description) + "\n";
  }
  return AskYes(question + "Record it?");
}

}  // namespace lims::client
