// FitOutcome<T>: what a fit found, or in a person's words why there is nothing to report.
#ifndef LIMS_ASSAY_MATH_FIT_OUTCOME_H_
#define LIMS_ASSAY_MATH_FIT_OUTCOME_H_

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace lims::assay {

struct FitFailure {
  std::string reason;
};

// A failed fit is an ordinary finding about the data and goes on the record with its reason;
// Result<T> is for requests that are refused. A fit that exists holds finite numbers only.
template <typename T>
class [[nodiscard]] FitOutcome {
 public:
  FitOutcome(T fit) : state_(std::move(fit)) {}                   // NOLINT: implicit
  FitOutcome(FitFailure failure) : state_(std::move(failure)) {}  // NOLINT: implicit

  bool converged() const { return std::holds_alternative<T>(state_); }
  const T& fit() const { return Get<T>(); }
  const std::string& reason() const { return Get<FitFailure>().reason; }

 private:
  template <typename Alternative>
  const Alternative& Get() const {
    const auto* found = std::get_if<Alternative>(&state_);
    // A programmer's error, which ends one request and not the server.
    if (found == nullptr) throw std::logic_error("the other alternative of a fit was taken");
    return *found;
  }
  std::variant<T, FitFailure> state_;
};

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_FIT_OUTCOME_H_
