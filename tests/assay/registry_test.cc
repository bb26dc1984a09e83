#include "assay/registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "assay_input.h"
#include "base/text.h"

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
