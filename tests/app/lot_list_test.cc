// Lots are listed page by page, all or those of one disposition.
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class LotList : public ::testing::Test {
 protected:
  using Names = std::vector<std::string>;

  void SetUp() override {
    fixture.Prepare();
    for (const char* lot : {"MCB-1", "MCB-2", "MCB-3", "MCB-4", "MCB-5"}) {
      fixture.AddLot(lot, "MCB");
    }
    for (const char* lot : {"MCB-2", "MCB-4"}) {
      fixture.Must(fixture.SignIntent(
          "qa1", "reject { lot_id: '" + std::string(lot) + "' reason: 'vial broke' }"));
    }
  }

  v1::ListLotsResponse Page(const std::string& text) {
    const auto page = fixture.site().store().Read([&](storage::Records& records) {
      return ListLots(fixture.site(), records, FromText<v1::ListLotsRequest>(text));
    });
    EXPECT_TRUE(page) << page.error().message;
    return page ? *page : v1::ListLotsResponse();
  }
  // The lots of each page.
  std::vector<Names> Pages(const std::string& text) {
    std::vector<Names> pages;
    std::string token;
    do {
      const v1::ListLotsResponse page =
          Page(text + (token.empty() ? "" : " page_token: '" + token + "'"));
      Names& names = pages.emplace_back();
      for (const v1::Lot& lot : page.lots()) names.push_back(lot.lot_id());
      token = page.next_page_token();
    } while (!token.empty());
    return pages;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(LotList, GoesOnBehindTheLastLotOfThePage) {
  EXPECT_EQ(Pages("page_size: 3"),
            (std::vector<Names>{{"MCB-1", "MCB-2", "MCB-3"}, {"MCB-4", "MCB-5"}}));
}

TEST_F(LotList, OfADispositionPassesOverTheOthers) {
  EXPECT_EQ(Pages("page_size: 2 disposition: DISPOSITION_QUARANTINE"),
            (std::vector<Names>{{"MCB-1", "MCB-3"}, {"MCB-5"}}));
  EXPECT_EQ(Pages("disposition: DISPOSITION_REJECTED"), (std::vector<Names>{{"MCB-2", "MCB-4"}}));
  EXPECT_EQ(Pages("disposition: DISPOSITION_RELEASED"), std::vector<Names>{{}});
}

}  // namespace
}  // namespace lims::app
