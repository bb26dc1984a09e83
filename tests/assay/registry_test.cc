#include "assay/registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "assay_input.h"
#include "base/text.h"
#include "lims/v1/run_service.pb.h"

namespace lims::assay {
namespace {

TEST(Registry, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const Calculator& calculator : Calculators()) {
    EXPECT_TRUE(names.insert(calculator.assay).second) << calculator.assay;
    EXPECT_EQ(FindAssay(calculator.assay)->assay, calculator.assay);
    EXPECT_FALSE(calculator.version.empty());
    EXPECT_FALSE(calculator.description.empty());
    EXPECT_FALSE(calculator.roles.empty());
    std::set<std::string_view> parameters;
    for (const Parameter& parameter : calculator.parameters) {
      EXPECT_TRUE(parameters.insert(parameter.name).second) << parameter.name;
      EXPECT_FALSE(parameter.meaning.empty()) << parameter.name;
    }
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"generic_observation", "generic_value", "potency",
                                               "reported", "rt_qpcr", "sterility", "virus_panel"}));
  EXPECT_EQ(FindAssay("elisa"), nullptr);
}

TEST(Registry, UnknownAssayIsNamed) {
  v1::Method method;
  method.set_assay("elisa");
  EXPECT_EQ(Fields(CheckParameters(method)), Names{"method.assay"});
}

TEST(Registry, EveryModelMethodFitsItsCalculator) {
  const auto folder = std::filesystem::path(LIMS_SOURCE_DIR) / "schemas" / "methods";
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto method = FromText<v1::Method>(text.str());
    for (const Violation& violation : CheckParameters(method)) {
      ADD_FAILURE() << file.path() << ": " << violation.field << ": " << violation.description;
    }
    ++count;
  }
  EXPECT_GT(count, 0);
}

TEST(Registry, AMapOfEnteredValuesHasSamplesAndTargetsOfTheMethodOnly) {
  std::ostringstream text;
  text << std::ifstream(std::filesystem::path(LIMS_SOURCE_DIR) / "schemas" / "methods" /
                        "M-MYCO-C.textproto")
              .rdbuf();
  const auto method = FromText<v1::Method>(text.str());
  const auto map = [](const std::string& more) {
    return FromText<v1::CreateRunRequest>(
               "positions { position: 'C1' role: POSITION_ROLE_SAMPLE sample_id: 'S' "
               "target: 'CULTURE' } positions { position: 'D1' role: POSITION_ROLE_SAMPLE "
               "sample_id: 'S' target: 'DNA_STAIN' } " +
               more)
        .positions();
  };
  EXPECT_EQ(Sentences(CheckMap(method, map(""))), Names{});
  EXPECT_EQ(
      Sentences(
          CheckMap(method, map("positions { position: 'NEG-C' role: POSITION_ROLE_NEGATIVE_CONTROL "
                               "target: 'CULTURE' } positions { position: 'X' role: "
                               "POSITION_ROLE_SAMPLE sample_id: 'S' target: 'MYCO-C' }"))),
      (Names{"positions[2].role: NEGATIVE_CONTROL at NEG-C: nothing judges a control on this map; "
             "what M-MYCO-C asks of its controls is declared with --setup",
             "positions[3].target: \"MYCO-C\" at X: M-MYCO-C takes CULTURE, DNA_STAIN"}));
}

// Whatever is stored, a computation ends with an outcome.
TEST(Registry, EmptyInputIsComputed) {
  for (const Calculator& calculator : Calculators()) {
    v1::AssayInput input;
    input.mutable_method()->set_assay(std::string(calculator.assay));
    const v1::Computation found = Compute(input);
    EXPECT_NE(found.outcome(), v1::OUTCOME_UNSPECIFIED) << calculator.assay;
    EXPECT_EQ(found.assay_version(), calculator.version);
  }
}

}  // namespace
}  // namespace lims::assay
