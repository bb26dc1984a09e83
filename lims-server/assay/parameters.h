// Reads the parameters of a method for a calculator, and notes what is wrong with them.
#ifndef LIMS_ASSAY_PARAMETERS_H_
#define LIMS_ASSAY_PARAMETERS_H_

#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assay/limits.h"
#include "assay/registry.h"
#include "base/decimal.h"
#include "base/error.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// A limit with this value is not checked.
inline constexpr std::string_view kNone = "none";

// What is said of a field that a method gives and its calculator does not read.
inline constexpr char kNoEffect[] = "has no effect with this calculator";

// The same reading serves a calculation and the check of a method. After a wrong parameter it goes
// on with a harmless stand-in, so that all of them are named at once; a calculation then does not
// use what was read.
class ParameterReader {
 public:
  // `declared` are the names that the calculator knows; asking for another is a programmer's error.
  ParameterReader(const v1::Method& method, std::span<const Parameter> declared);

  std::string Text(std::string_view name);
  // nullopt for "none", where the default is "none" too.
  std::optional<std::string> OptionalText(std::string_view name);
  Decimal Number(std::string_view name);
  std::optional<Decimal> OptionalNumber(std::string_view name);
  // A whole number between `lowest` and 1000.
  int Count(std::string_view name, int lowest);
  std::string Choice(std::string_view name, std::initializer_list<std::string_view> choices);
  // Two optional numbers in order.
  Limits Window(std::string_view min_name, std::string_view max_name, std::string_view unit);

  void Refuse(std::string_view name, std::string_view problem);
  bool ok() const { return violations_.empty(); }
  // Also names what the method gives and the calculator did not ask for.
  std::vector<Violation> TakeViolations();

 private:
  const Parameter& Declared(std::string_view name) const;
  // The given value or the default; nullopt, and noted, when there is neither.
  std::optional<std::string> Value(std::string_view name);
  std::string Path(std::string_view name) const;

  const v1::Method& method_;
  std::span<const Parameter> declared_;
  std::set<std::string, std::less<>> read_;
  std::vector<Violation> violations_;
};

// The one output of a method whose calculator reports one value; empty when it gives none.
v1::MethodOutput OnlyOutput(const v1::Method& method);
// That an output neither scales nor copies.
void CheckPlainOutput(const v1::Method& method, int index, std::vector<Violation>& violations);
// That it is exactly one, and plain.
void CheckOnlyOutput(const v1::Method& method, std::vector<Violation>& violations);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_PARAMETERS_H_
