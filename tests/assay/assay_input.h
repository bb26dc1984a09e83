// Builds inputs of calculators for the tests, and finds things in what they computed.
#ifndef LIMS_TESTS_ASSAY_ASSAY_INPUT_H_
#define LIMS_TESTS_ASSAY_ASSAY_INPUT_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "assay/registry.h"
#include "base/decimal.h"
#include "lims/v1/assay.pb.h"
#include "support/text_proto.h"

namespace lims::assay {

inline void SetParameter(v1::Method& method, const std::string& name, const std::string& value) {
  for (v1::NamedValue& parameter : *method.mutable_parameters()) {
    if (parameter.name() != name) continue;
    parameter.set_value(value);
    return;
  }
  v1::NamedValue& parameter = *method.add_parameters();
  parameter.set_name(name);
  parameter.set_value(value);
}

// "<0.5" becomes a qualified value.
inline v1::MeasuredValue Measured(std::string text, const std::string& unit = "") {
  v1::MeasuredValue value;
  if (text.starts_with('<')) value.set_qualifier(v1::QUALIFIER_LESS_THAN);
  if (text.starts_with('>')) value.set_qualifier(v1::QUALIFIER_GREATER_THAN);
  if (value.qualifier() != v1::QUALIFIER_UNSPECIFIED) text.erase(0, 1);
  value.set_value(text);
  value.set_unit(unit);
  return value;
}

// Typed values of one input, replicates from 1 on.
inline void AddValues(v1::AssayInput& input, const std::string& sample, const std::string& target,
                      std::initializer_list<std::string> values) {
  int replicate = 0;
  for (const std::string& value : values) {
    v1::Datum& datum = *input.add_data();
    datum.set_role(v1::POSITION_ROLE_SAMPLE);
    datum.set_sample_id(sample);
    datum.set_target(target);
    datum.set_replicate(std::to_string(++replicate));
    *datum.mutable_value() = Measured(value);
  }
}

inline void AddFact(v1::AssayInput& input, const std::string& sample, const std::string& name,
                    const std::string& value) {
  v1::SampleFacts* facts = nullptr;
  for (v1::SampleFacts& existing : *input.mutable_facts()) {
    if (existing.sample_id() == sample) facts = &existing;
  }
  if (facts == nullptr) facts = input.add_facts();
  facts->set_sample_id(sample);
  v1::NamedValue& fact = *facts->add_facts();
  fact.set_name(name);
  fact.set_value(value);
}

// The checks that do not hold: "name" or "name/scope".
template <typename Checks>
std::vector<std::string> Failed(const Checks& checks) {
  std::vector<std::string> failed;
  for (const v1::Check& check : checks) {
    if (check.ok()) continue;
    failed.push_back(check.scope().empty() ? check.name() : check.name() + "/" + check.scope());
  }
  return failed;
}

template <typename Checks>
v1::Check CheckNamed(const Checks& checks, std::string_view name, std::string_view scope = "") {
  for (const v1::Check& check : checks) {
    if (check.name() == name && check.scope() == scope) return check;
  }
  ADD_FAILURE() << "no check " << name << " of " << scope;
  return {};
}

// "" when there is no such detail.
template <typename Details>
std::string Detail(const Details& details, std::string_view name) {
  for (const v1::NamedValue& detail : details) {
    if (detail.name() == name) return detail.value();
  }
  return "";
}

inline std::vector<std::string> Fields(const std::vector<Violation>& violations) {
  std::vector<std::string> fields;
  for (const Violation& violation : violations) fields.push_back(violation.field);
  return fields;
}

// "field: description".
inline std::vector<std::string> Sentences(const std::vector<Violation>& violations) {
  std::vector<std::string> sentences;
  for (const Violation& violation : violations) {
    sentences.push_back(violation.field + ": " + violation.description);
  }
  return sentences;
}

// The reportable of a line as "value" or "<value"; "" when there is none.
inline std::string Reported(const v1::SampleComputation& sample, std::string_view line) {
  for (const v1::Reportable& reportable : sample.reportables()) {
    if (reportable.line_code() != line) continue;
    std::string sign;
    if (reportable.qualifier() == v1::QUALIFIER_LESS_THAN) sign = "<";
    if (reportable.qualifier() == v1::QUALIFIER_GREATER_THAN) sign = ">";
    return sign + reportable.value();
  }
  return "";
}

inline double Number(const std::string& text) {
  const Result<Decimal> number = Decimal::Parse(text);
  EXPECT_TRUE(number) << text;
  return number ? number->ToDouble() : 0;
}

using Names = std::vector<std::string>;

// A change to a method, and the field that is wrong then.
struct WrongMethod {
  void (*change)(v1::Method& method);
  const char* field;
};

// `good` passes the checks; with any of the changes it does not.
inline void ExpectChecked(const v1::Method& good, const std::vector<WrongMethod>& changes) {
  EXPECT_TRUE(CheckParameters(good).empty());
  for (const WrongMethod& each : changes) {
    v1::Method method = good;
    each.change(method);
    EXPECT_EQ(Fields(CheckParameters(method)), Names{each.field});
  }
}

}  // namespace lims::assay

#endif  // LIMS_TESTS_ASSAY_ASSAY_INPUT_H_
