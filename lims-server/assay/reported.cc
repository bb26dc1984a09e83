// What is reported is the value: the issuer of the report answers for the run, the lines judge.
#include "assay/reported.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "assay/calculators.h"
#include "assay/findings.h"
#include "assay/outputs.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

constexpr std::string_view kInconclusive = "inconclusive";

std::string CodeOfLine(const std::string& line_code, const std::string& code) {
  return line_code + "=" + code;
}

// So that the code of a repeat that is inconclusive as well takes its place.
bool IsInconclusive(const v1::Method& method, const std::string& line_code,
                    const std::string& code) {
  const std::string named = CodeOfLine(line_code, code);
  return std::any_of(method.parameters().begin(), method.parameters().end(),
                     [&](const v1::NamedValue& parameter) {
                       return parameter.name() == kInconclusive && parameter.value() == named;
                     });
}

v1::Computation Calculate(const v1::AssayInput& input) {
  const v1::Method& method = input.method();
  v1::Computation computation = BeginComputation(input);
  for (const SampleData& sample : SamplesOf(input)) {
    v1::SampleComputation& found = *computation.add_samples();
    found.set_sample_id(sample.sample_id);
    for (const v1::MethodOutput& output : method.outputs()) {
      for (const v1::Datum* datum : DataOfOutput(method, output, sample.data)) {
        const v1::MeasuredValue& value = datum->value();
        v1::Reportable& reportable = *found.add_reportables();
        reportable.set_line_code(output.line_code());
        reportable.set_value(value.value());
        reportable.set_qualifier(value.qualifier());
        reportable.set_unit(value.unit());
        reportable.add_individuals(v1::QualifierSign(value.qualifier()) + value.value());
        if (IsInconclusive(method, output.line_code(), value.value())) {
          reportable.set_inconclusive(value.value() + " was reported");
        }
      }
    }
  }
  ConcludeComputation(computation);
  return computation;
}

constexpr Parameter kParameters[] = {
    {kInconclusive, "a code of a line that is neither pass nor fail, LINE=CODE; one each", "none"},
};
constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE};

}  // namespace

constinit const Calculator kReported{
    .assay = "reported",
    .version = "1",
    .description = "one value or code a line, from a report that stands for a run",
    .parameters = kParameters,
    .roles = kRoles,
    .formats = {},
    .calculate = Calculate};

std::vector<Violation> CheckReported(const v1::Method&) {
  return {{"method.assay",
           "reported is for reports of other laboratories: name the calculator of the runs, and "
           "set lines_from_report"}};
}

v1::Method MethodForReport(const v1::Method& method,
                           const std::vector<const v1::SpecificationLine*>& lines) {
  v1::Method reported;
  reported.set_method_id(method.method_id());
  reported.set_version(method.version());
  reported.set_panel(method.panel());
  reported.set_assay(std::string(kReported.assay));
  for (const v1::SpecificationLine* line : lines) {
    v1::MethodOutput& output = *reported.add_outputs();
    output.set_line_code(line->line_code());
    output.set_input(line->line_code());
    output.set_replicates_max(1);
    output.set_needs_fact(line->applicability().fact());
    if (line->result_kind() != v1::RESULT_KIND_OBSERVATION) output.set_input_unit(line->unit());
    for (const v1::CodeText& code : line->codes()) output.add_codes(code.code());
    for (const v1::Criterion& criterion : line->criteria()) {
      for (const std::string& code : criterion.inconclusive_codes()) {
        v1::NamedValue& parameter = *reported.add_parameters();
        parameter.set_name(std::string(kInconclusive));
        parameter.set_value(CodeOfLine(line->line_code(), code));
      }
    }
  }
  if (method.has_method_repeat()) {
    v1::MethodRepeat& repeat = *reported.mutable_method_repeat();
    repeat.set_count(method.method_repeat().count());
    repeat.set_instruction(method.method_repeat().instruction());
    repeat.set_code_when_again(method.method_repeat().code_when_again());
  }
  return reported;
}

}  // namespace lims::assay
