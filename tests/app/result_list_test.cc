// The results of a lot, page by page and line by line, with the attempts behind them.
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class ResultList : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({PhMethod("OSM"), PhMethod("VOL")});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "R" name_en: "Product" name_zh: "产品" }
      specification { product_id: "R" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-4" date: "2026-01-01" } })");
    for (const std::string line : {"OSM", "PH", "VOL"}) {
      *text.add_lines() = PhLine(line, "number: '" + line + R"('
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
    }
    fixture.AddSpecification(text);
    fixture.AddLot("B", "MCB", "", "R");
    for (const std::string line : {"VOL", "PH", "OSM"}) {
      fixture.Must(
          fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, PhValue("B", "7.1", line)));
    }
  }

  Result<v1::ListResultsResponse> List(const std::string& more) {
    return fixture.site().store().Read([&](storage::Records& records) {
      return ListResults(fixture.site(), records,
                         FromText<v1::ListResultsRequest>("lot_id: 'B' " + more));
    });
  }
  static std::string Lines(const v1::ListResultsResponse& page) {
    std::string lines;
    for (const v1::Result& result : page.results()) lines += result.line_code() + " ";
    lines += "|";
    for (const v1::Attempt& attempt : page.attempts()) lines += " " + attempt.panel();
    return lines;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(ResultList, IsToldPageByPageEachResultOnce) {
  const auto whole = List("");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(Lines(*whole), "OSM PH VOL | OSM PH VOL");
  EXPECT_TRUE(whole->next_page_token().empty());
  std::string told;
  std::string token;
  do {
    const auto page = List("page_size: 1 page_token: '" + token + "'");
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->results_size(), 1);
    told += page->results(0).line_code() + " ";
    token = page->next_page_token();
  } while (!token.empty() && told.size() < 40);
  EXPECT_EQ(told, "OSM PH VOL ");
}

TEST_F(ResultList, OfOneLineHasItsAttemptsOnly) {
  EXPECT_EQ(Lines(*List("line_code: 'PH'")), "PH | PH");
  EXPECT_EQ(Lines(*List("line_code: 'NONE'")), "|");
}

}  // namespace
}  // namespace lims::app
