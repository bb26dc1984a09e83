#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "domain/catalogue_check.h"
#include "support/model_files.h"

namespace lims {
namespace {

using NameSet = std::set<std::string>;

template <typename Repeated>
NameSet ToSet(const Repeated& values) {
  return NameSet(values.begin(), values.end());
}

void ExpectSound(const std::string& file, const std::vector<Violation>& violations) {
  for (const auto& violation : violations) {
    ADD_FAILURE() << file << ": " << violation.field << " " << violation.description;
  }
}

class ModelSpecification : public testing::Test {
 protected:
  ModelSpecification() {
    for (const auto& line : text.lines()) lines[line.line_code()] = line;
    for (const auto& fact : text.facts()) facts[fact.fact()] = fact;
  }

  const v1::SpecificationText text = ReadModelSpecification();
  const std::map<std::string, v1::Method> methods = ReadMethods();
  std::map<std::string, v1::SpecificationLine> lines;
  std::map<std::string, v1::FactDefinition> facts;
};

TEST_F(ModelSpecification, IsEntire) {
  EXPECT_EQ(text.lines_size(), 73);
  EXPECT_EQ(text.attestations_size(), 32);
  EXPECT_EQ(text.facts_size(), 17);
  EXPECT_EQ(methods.size(), 45u);
}

TEST_F(ModelSpecification, PassesTheChecksOfAnImport) {
  ExpectSound("specification", domain::CheckSpecification(text));
  for (const auto& [id, method] : methods) ExpectSound(id, domain::CheckMethod(method));
}

TEST_F(ModelSpecification, SaysThatItIsAModelAndThatNobodyVerifiedIt) {
  EXPECT_NE(text.specification().basis().find("not a registered standard"), std::string::npos);
  EXPECT_EQ(text.specification().verified_by(), "");
  EXPECT_FALSE(text.specification().conditional_release_registered());
  for (const auto& line : text.lines()) EXPECT_EQ(line.verified_by(), "") << line.line_code();
  for (const auto& [id, method] : methods) {
    EXPECT_EQ(method.verified_by(), "") << id;
    EXPECT_TRUE(method.source().starts_with("Model method")) << id;
  }
}

TEST_F(ModelSpecification, HoldsTheLotForEveryInfectiousFindingAndForTelomerase) {
  NameSet biosafety;
  for (const auto& [code, line] : lines) {
    if (code.starts_with("HV-")) {
      EXPECT_TRUE(line.biosafety()) << code;
    } else if (line.biosafety()) {
      biosafety.insert(code);
    }
  }
  EXPECT_EQ(biosafety, (NameSet{"AVA-A", "AVA-V", "BOV", "GRAM", "HAD", "MYCO-C", "MYCO-N", "POR",
                                "STER", "STER-R", "TERT", "TP"}));
  EXPECT_EQ(ToSet(lines.at("TERT").hold_reviews()), (NameSet{"KARYO", "SOFTAGAR"}));
}

TEST_F(ModelSpecification, AlertsOnViabilityOnly) {
  for (const auto& [code, line] : lines) {
    EXPECT_EQ(line.alert_below(), code == "VIA" ? "90" : "") << code;
  }
}

TEST_F(ModelSpecification, NeedsTheDoseOnlyWhereItIsDeclared) {
  for (const auto& [name, fact] : facts) {
    const bool dose = name == "max_hourly_dose_volume" || name == "min_patient_weight";
    EXPECT_EQ(fact.needed_when(), dose ? "dose_basis_declared" : "") << name;
    const bool above_zero = name == "min_patient_weight" || name == "max_hourly_dose_volume" ||
                            name == "fill_volume_label";
    EXPECT_EQ(fact.above(), above_zero ? "0" : "") << name;
    EXPECT_FALSE(fact.used_by_lines().empty()) << name;
  }
}

TEST_F(ModelSpecification, GivesEveryMethodTheLinesThatNameIt) {
  std::map<std::string, NameSet> fed;
  for (const auto& [code, line] : lines) {
    ASSERT_TRUE(methods.contains(line.method_id())) << code;
    EXPECT_EQ(methods.at(line.method_id()).panel(), line.panel()) << code;
    fed[line.method_id()].insert(code);
  }
  fed["M-RNASEP"] = {"RNASEP"};  // for validation runs; stands on no specification
  for (const auto& [id, method] : methods) {
    EXPECT_EQ(method.version(), 1) << id;
    NameSet outputs;
    for (const auto& output : method.outputs()) outputs.insert(output.line_code());
    EXPECT_EQ(outputs, fed[id]) << id;
    EXPECT_EQ(method.validation_state() == v1::VALIDATION_STATE_NOT_VALIDATED, id == "M-RNASEP")
        << id;
  }
}

// What a method reports of a line, best first: the codes that are entered, or what is counted from
// them.
std::vector<std::string> ReportedCodes(const v1::MethodOutput& output) {
  if (!output.has_survival()) return {output.codes().begin(), output.codes().end()};
  std::vector<std::string> codes{output.survival().reached_code(), output.survival().below_code()};
  codes.insert(codes.end(), output.positive_codes().begin(), output.positive_codes().end());
  return codes;
}

TEST_F(ModelSpecification, FitsItsMethodOutputs) {
  for (const auto& [id, method] : methods) {
    if (!method.assay().starts_with("generic_")) continue;
    EXPECT_TRUE(method.formats().empty()) << id;
    for (const auto& output : method.outputs()) {
      const std::string name = id + " " + output.line_code();
      const auto& line = lines[output.line_code()];
      NameSet codes;
      for (const auto& code : line.codes()) codes.insert(code.code());
      // What the sample spoilt is never reported.
      NameSet reported = ToSet(ReportedCodes(output));
      for (const auto& code : output.invalid_codes()) reported.erase(code);
      EXPECT_EQ(reported, codes) << name;
      EXPECT_GE(output.replicates_min(), 1) << name;
      // A mean of more replicates than planned could be chosen for its result.
      if (output.combination() == v1::COMBINATION_MEAN) {
        EXPECT_EQ(output.replicates_max(), output.replicates_min()) << name;
      }
      if (output.factor().empty()) {
        EXPECT_EQ(output.input_unit(), line.unit()) << name;
      }
      for (const auto& operand :
           {output.factor(), output.divisor(), output.equals_fact(), output.needs_fact()}) {
        if (operand.empty() || Decimal::Parse(operand)) continue;
        ASSERT_TRUE(facts.contains(operand)) << name << " " << operand;
        EXPECT_TRUE(ToSet(facts[operand].used_by_lines()).contains(output.line_code())) << name;
      }
    }
  }
}

TEST_F(ModelSpecification, OrdersCodesBestFirst) {
  for (const auto& [id, method] : methods) {
    for (const auto& output : method.outputs()) {
      if (output.codes().empty()) continue;
      const auto& criterion = lines[output.line_code()].criteria(0);
      const NameSet accepted = ToSet(criterion.accepted_codes());
      const NameSet inconclusive = ToSet(criterion.inconclusive_codes());
      int rank = 0;  // accepted, then inconclusive, then failing
      for (const auto& code : ReportedCodes(output)) {
        const int next = accepted.contains(code) ? 0 : inconclusive.contains(code) ? 1 : 2;
        EXPECT_GE(next, rank) << id << " " << code;
        rank = next;
      }
    }
  }
}

TEST_F(ModelSpecification, HasARepeatForWhateverIsNeitherPassNorFail) {
  for (const auto& [code, line] : lines) {
    for (const auto& criterion : line.criteria()) {
      if (criterion.inconclusive_codes().empty()) continue;
      EXPECT_GE(methods.at(line.method_id()).method_repeat().count(), 1) << code;
    }
  }
  // How often, and what must be another, how many times as much or the same.
  std::map<std::string, std::string> repeats;
  for (const auto& [id, method] : methods) {
    const v1::MethodRepeat& repeat = method.method_repeat();
    if (!method.has_method_repeat()) continue;
    std::string asked = std::to_string(repeat.count());
    for (const std::string& fresh : repeat.fresh_setup()) asked += " other " + fresh;
    if (!repeat.larger_setup().empty()) {
      asked += " " + repeat.larger_factor() + " x " + repeat.larger_setup();
    }
    if (repeat.after_invalid_codes()) asked += " after invalid codes";
    if (repeat.same_sample()) asked += " of the same sample";
    for (const std::string& distinct : method.run_plan().distinct_setup()) {
      asked += " distinct " + distinct;
    }
    repeats[id] = asked;
  }
  const std::map<std::string, std::string> expected = {
      {"M-AVA-A", "1 other animal_group"},
      {"M-AVA-CULT", "1 2 x sample_dilution after invalid codes of the same sample"},
      {"M-HV-PCR", "1 other extraction_batch of the same sample"},
      {"M-MYCO-C", "1 2 x sample_amount of the same sample"},
      {"M-POT-LYM", "1 distinct pbmc_donor"},
      {"M-POT-RP", "2"},
      {"M-TERT", "1 other extraction_batch of the same sample"},
  };
  EXPECT_EQ(repeats, expected);
}

TEST_F(ModelSpecification, AllowsOneRepeatOfAnInvalidSterilityTest) {
  for (const auto& [id, method] : methods) {
    EXPECT_EQ(method.repeat_invalid_budget(), id == "M-STER" ? 1 : 2) << id;
  }
}

}  // namespace
}  // namespace lims
