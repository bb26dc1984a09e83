// Looks at typed files and at virus plates; those at other instrument files are in the permission
// table and the clients' tests.
#include "app/looks.h"

#include "base/message_limits.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class Looks : public ::testing::Test {
 protected:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  void SetUp() override {
    fixture.SetAdministratorsPasswords();
    fixture.AddPerson("tech1", v1::ROLE_TECHNICIAN);
  }

  Result<v1::ComputeAssayResponse> Look(const std::string& assay, const std::string& rows,
                                        const std::string& codes = "") {
    Parameters parameters;
    if (!codes.empty()) parameters = {{"codes", codes}};
    return LookAt(assay, "line,replicate,value,unit\n" + rows, parameters);
  }

  Result<v1::ComputeAssayResponse> LookAt(const std::string& assay, const std::string& content,
                                          const Parameters& parameters) {
    v1::ComputeAssayRequest request;
    request.set_request_id(NewUuid());
    request.set_assay(assay);
    request.set_content(content);
    for (const auto& [name, value] : parameters) {
      v1::NamedValue& parameter = *request.add_parameters();
      parameter.set_name(name);
      parameter.set_value(value);
    }
    return ComputeAssay(fixture.site(), fixture.As("tech1", "CatalogueService/ComputeAssay"),
                        request);
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(Looks, AtObservationsReportsEachLine) {
  const auto look =
      Look("generic_observation", "STER,1,NO_GROWTH,\nSTER,2,NO_GROWTH,\nGRAM,1,NEGATIVE,\n");
  ASSERT_TRUE(look) << look.error().message;
  EXPECT_EQ(look->computation().outcome(), v1::OUTCOME_VALID);
  ASSERT_EQ(look->computation().samples_size(), 1);
  const v1::SampleComputation& sample = look->computation().samples(0);
  ASSERT_EQ(sample.reportables_size(), 2) << sample.DebugString();
  EXPECT_EQ(sample.reportables(0).line_code(), "STER");
  EXPECT_EQ(sample.reportables(0).value(), "NO_GROWTH");
  EXPECT_EQ(sample.reportables(1).value(), "NEGATIVE");
}

TEST_F(Looks, NameACalculatorThatThereIs) {
  const auto refused = Look("crystal_ball", "STER,1,NO_GROWTH,\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(refused.error().violations[0].field, "assay");
  EXPECT_NE(refused.error().message.find("lims assay list"), std::string::npos);
}

TEST_F(Looks, TakeFilesThatTravelInOneRequest) {
  const auto refused = LookAt("generic_value", std::string(kMaxLoneFileBytes + 1, 'x'), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kTooLarge);
}

TEST_F(Looks, AtWhatIsReadOverDaysAreSentToARun) {
  const auto refused = Look("sterility", "STER,1,NO_GROWTH,\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "assay");
}

TEST_F(Looks, AtDifferentObservationsOfALineAskWhichIsWorst) {
  const std::string rows = "STER,1,NO_GROWTH,\nSTER,2,GROWTH,\n";
  const auto asked = Look("generic_observation", rows);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().violations[0].field, "parameters.codes");
  EXPECT_NE(asked.error().message.find("--param codes="), std::string::npos);
  const auto look = Look("generic_observation", rows, "NO_GROWTH,GROWTH");
  ASSERT_TRUE(look) << look.error().message;
  EXPECT_EQ(look->computation().samples(0).reportables(0).value(), "GROWTH");
  const auto unknown = Look("generic_observation", rows, "NO_GROWTH,TURBID");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().violations[0].field, "line 3, value");
}

TEST_F(Looks, AtNumbersKeepTheUnitAndRefuseTwoUnitsInALine) {
  const auto look = Look("generic_value", "VIA,1,92.0,%\nVIA,2,94.0,%\n");
  ASSERT_TRUE(look) << look.error().message;
  EXPECT_EQ(look->computation().samples(0).reportables(0).value(), "93.0");
  EXPECT_EQ(look->computation().samples(0).reportables(0).unit(), "%");
  const auto mixed = Look("generic_value", "VIA,1,92.0,%\nVIA,2,0.94,1\n");
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().violations[0].field, "line 3, unit");
}

// The targets of the file are the lines, but for those that the parameters take for something else.
TEST_F(Looks, AtAVirusPlateReportsEveryTargetOfTheFile) {
  std::string plate = "well,sample,target,cq,call\n";
  int wells = 0;
  const auto add = [&](const std::string& sample, const std::string& target, const std::string& cq,
                       const std::string& call = "") {
    plate +=
        "A" + std::to_string(++wells) + "," + sample + "," + target + "," + cq + "," + call + "\n";
  };
  const std::string none = "Undetermined";
  for (const char* target : {"HBV", "HCV", "HPV"}) {
    add("NTC", target, none);
    add("EXTRACTION_BLANK", target, none);
    add("POSITIVE_CONTROL", target, "33.5");
  }
  add("PROCESS_CONTROL", "HPV", "30.1");
  add("S-1", "IC", "28.6");
  for (int i = 0; i < 2; ++i) {
    add("S-1", "HBV", "31.0");
    add("S-1", "HCV", none, "Unconfirmed");
    add("S-1", "HPV", none);
  }
  Parameters parameters = {{"cq_cutoff", "38"},
                           {"process_control_targets", "HPV"},
                           {"internal_control", "IC"},
                           {"ic_cq_max", "32"},
                           {"strong_cq_max", "35"}};
  const auto look = LookAt("virus_panel", plate, parameters);
  ASSERT_TRUE(look) << look.error().message;
  EXPECT_EQ(look->computation().outcome(), v1::OUTCOME_VALID);
  ASSERT_EQ(look->computation().samples_size(), 1);
  const v1::SampleComputation& sample = look->computation().samples(0);
  ASSERT_EQ(sample.reportables_size(), 2) << sample.DebugString();
  EXPECT_EQ(sample.reportables(0).line_code(), "HBV");
  EXPECT_EQ(sample.reportables(0).value(), "POSITIVE");
  EXPECT_EQ(sample.reportables(1).line_code(), "HPV");
  EXPECT_EQ(sample.reportables(1).value(), "NEGATIVE");
  ASSERT_EQ(sample.invalid_lines_size(), 1);
  EXPECT_EQ(sample.invalid_lines(0).line_code(), "HCV");

  parameters.erase(parameters.begin());
  const auto refused = LookAt("virus_panel", plate, parameters);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().violations.size(), 1u) << refused.error().message;
  EXPECT_NE(refused.error().message.find("cq_cutoff"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace lims::app
