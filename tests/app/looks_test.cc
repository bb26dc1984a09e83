// Looks at typed files; those at instrument files are in the permission table and the clients'
// tests.
#include "app/looks.h"

#include "support/site_fixture.h"

namespace lims::app {
namespace {

class Looks : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.SetAdministratorsPasswords();
    fixture.AddPerson("tech1", v1::ROLE_TECHNICIAN);
  }

  Result<v1::ComputeAssayResponse> Look(const std::string& assay, const std::string& rows,
                                        const std::string& codes = "") {
    v1::ComputeAssayRequest request;
    request.set_request_id(NewUuid());
    request.set_assay(assay);
    request.set_content("line,replicate,value,unit\n" + rows);
    if (!codes.empty()) {
      request.add_parameters()->set_name("codes");
      request.mutable_parameters(0)->set_value(codes);
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

}  // namespace
}  // namespace lims::app
