// What a lot was made from, and when: compared while it is registered, confirmed and sampled.
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class LotOrigin : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddLot("BANK", "MCB");  // made on 2026-02-01 at 08:00 +08:00
    fixture.AddLot("CELLS", "WCB", "parents { lot_id: 'BANK' }");
    ASSERT_FALSE(HasFailure());
  }
  Result<storage::RecordedAct> Register(const std::string& parents, const std::string& more = "",
                                        const std::string& kind = "DRUG_PRODUCT") {
    auto request = FromText<v1::RegisterLotRequest>(
        "lot_id: 'A' product_id: 'P' manufacture_time: '2026-02-01T08:00:00+08:00' "
        "expiry: '2027-02' kind: LOT_KIND_" +
        kind + " " + parents);
    request.MergeFrom(FromText<v1::RegisterLotRequest>(more));
    return fixture.Do("tech1", "LotService/RegisterLot", &RegisterLot, request);
  }
  Result<storage::RecordedAct> Confirm(const std::string& parents) {
    return fixture.DoText<v1::ConfirmLotRequest>(
        "sup1", "LotService/ConfirmLot", &ConfirmLot,
        "lot_id: 'A' manufacture_time: '2026-02-01T08:00:00+08:00' " + parents);
  }
  static std::string Refusal(const Result<storage::RecordedAct>& act) {
    return act ? "done"
               : act.error().violations[0].field + ": " + act.error().violations[0].description;
  }
  static std::string Parent(const std::string& lot) { return "parents { lot_id: '" + lot + "' } "; }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(LotOrigin, AParentIsOlder) {
  EXPECT_NE(Refusal(Register(Parent("BANK"), "manufacture_time: '2026-02-01T07:59:59+08:00'"))
                .find("parents[0].lot_id: lot BANK was made later"),
            std::string::npos);
  fixture.Must(Register(Parent("BANK")));
}

TEST_F(LotOrigin, AParentIsOfAKindThatIsWorkedOn) {
  fixture.AddLot("VIALS", "DRUG_PRODUCT", Parent("BANK"));
  EXPECT_NE(Refusal(Register(Parent("BANK") + Parent("VIALS")))
                .find("parents[1].lot_id: lot VIALS is of kind DRUG_PRODUCT"),
            std::string::npos);
  fixture.Must(Register(Parent("VIALS"), "", "REFERENCE"));
}

TEST_F(LotOrigin, AParentIsOfTheSameProduct) {
  auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" } })");
  *text.add_lines() =
      PhLine("PH", "number: '1' gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }");
  fixture.AddSpecification(text);
  EXPECT_NE(Refusal(Register(Parent("BANK"), "product_id: 'Q'")).find("is of product P, not of Q"),
            std::string::npos);
}

TEST_F(LotOrigin, ALotIsOfTheDonorOfItsOneParent) {
  fixture.Must(fixture.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &RegisterLot,
      "lot_id: 'OF-17' kind: LOT_KIND_MCB product_id: 'P' donor_code: 'D-17' "
      "manufacture_time: '2026-01-20T08:00:00+08:00' expiry: '2027-02'"));
  EXPECT_NE(Refusal(Register(Parent("OF-17"), "donor_code: 'D-18'"))
                .find("parents[0].lot_id: lot OF-17 is of donor D-17, not of D-18"),
            std::string::npos);
  fixture.Must(Register(Parent("OF-17"), "donor_code: 'D-17'"));
  fixture.Must(Register(Parent("OF-17") + Parent("BANK"), "lot_id: 'POOL' donor_code: 'D-18'"));
}

TEST_F(LotOrigin, ALotDoesNotExpireBeforeItIsMade) {
  EXPECT_EQ(Refusal(Register(Parent("BANK"), "expiry: '2026-01'")).substr(0, 7), "expiry:");
  fixture.Must(Register(Parent("BANK"), "expiry: '2026-02-01'"));
}

TEST_F(LotOrigin, TheOrderOfTheParentsDoesNotMatter) {
  fixture.Must(Register(Parent("BANK") + Parent("CELLS")));
  EXPECT_EQ(Refusal(Confirm(Parent("BANK"))).substr(0, 8), "parents:");
  EXPECT_EQ(Refusal(Confirm(Parent("BANK") + Parent("BANK"))).substr(0, 8), "parents:");
  fixture.Must(Confirm(Parent("CELLS") + Parent("BANK")));
}

TEST_F(LotOrigin, IsConfirmedAsItWasRegistered) {
  fixture.Must(Register(Parent("BANK")));
  const auto confirm = [&](const std::string& time) {
    return fixture.DoText<v1::ConfirmLotRequest>(
        "sup1", "LotService/ConfirmLot", &ConfirmLot,
        "lot_id: 'A' manufacture_time: '" + time + "' " + Parent("BANK"));
  };
  EXPECT_EQ(Refusal(confirm("2026-02-01T08:00:01+08:00")),
            "manufacture_time: differs from what was registered: compare with the batch record; if "
            "the registration is wrong, void the lot");
  EXPECT_EQ(Refusal(confirm("1 February")).substr(0, 17), "manufacture_time:");
  fixture.Must(confirm("2026-02-01T00:00:00Z"));  // the same moment
}

TEST_F(LotOrigin, ASampleIsTakenFromALotThatIsMade) {
  fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
      "tech2", "LotService/PlanSample", &PlanSample,
      "sample_id: 'W' lot_id: 'BANK' purpose: PURPOSE_RELEASE sampling_point: 'DP' "
      "amount { value: '1.0' unit: 'mL' }"));
  const auto take = [&](const std::string& time) {
    return Refusal(
        fixture.DoText<v1::TakeSampleRequest>("tech2", "LotService/TakeSample", &TakeSample,
                                              "sample_id: 'W' taken_time: '" + time + "'"));
  };
  EXPECT_NE(take("2026-02-01T07:59:59+08:00").find("before the lot was made"), std::string::npos);
  EXPECT_EQ(take("2026-02-01T08:00:00+08:00"), "done");
}

}  // namespace
}  // namespace lims::app
