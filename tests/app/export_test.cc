// The bundle of a lot: what it names, and that nothing moves between collecting and recording it.
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/export.h"
#include "app/virus_plate_fixture.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"
#include "tlog/stream_heads.h"

namespace lims::app {
namespace {

class Export : public VirusPanelSite {
 protected:
  using Files = std::map<std::string, std::string>;  // bytes by path

  Result<Files> ExportA(const std::string& request_id = NewUuid()) {
    v1::ExportLotRequest request;
    request.set_request_id(request_id);
    request.set_lot_id("A");
    LIMS_ASSIGN_OR_RETURN(
        auto bundle,
        ExportLot(fixture.site(), fixture.As("auditor1", "AuditService/ExportLot"), request));
    Files files;
    for (BundleFile& file : bundle) files[file.path] = std::move(file.bytes);
    return files;
  }

  static v1::Event EventOfExport(const Files& files) {
    const auto list = nlohmann::json::parse(files.at("streams.json"));
    const std::string index = std::to_string(list["export_index"].get<std::int64_t>());
    v1::Event event;
    EXPECT_TRUE(tlog::ParseCanonicalJson(files.at("entries/" + index + ".json"), &event));
    return event;
  }
};

TEST_F(Export, NamesWhereEveryStreamEndsAndWhatIsRedacted) {
  const std::string run = Play(PlateOf({"A-S1", "B-S1"})).run_id();
  const auto files = ExportA();
  ASSERT_TRUE(files) << files.error().message;
  const v1::Event event = EventOfExport(*files);
  EXPECT_EQ(event.act(), v1::ACT_EXPORT);
  ASSERT_EQ(event.details_size(), 4);
  EXPECT_EQ(event.details(3).name(), tlog::kHeadsDetail);
  EXPECT_EQ(event.details(3).value(), HexEncode(Sha256(files->at("heads"))));

  const auto heads = tlog::ParseHeads(files->at("heads"));
  ASSERT_TRUE(heads);
  std::size_t streams = 0;
  const auto list = nlohmann::json::parse(files->at("streams.json"));
  for (const auto& stream : list["streams"]) {
    const auto name = stream["stream"].get<std::string>();
    if (name.starts_with("access/")) continue;
    ++streams;
    ASSERT_TRUE(heads->contains(name)) << name;
    const tlog::StreamEnd& end = heads->find(name)->second;
    EXPECT_EQ(end.pos, stream["head"]) << name;
    EXPECT_EQ(end.pos + 1, static_cast<std::int64_t>(stream["events"].size())) << name;
    EXPECT_EQ(HexEncode(end.leaf), stream["events"].back()["leaf"]) << name;
    std::vector<std::int64_t> redacted;
    for (const auto& each : stream["events"]) {
      if (!each.contains("entry")) redacted.push_back(each["index"].get<std::int64_t>());
    }
    EXPECT_EQ(end.redacted, redacted) << name;
    // The positions of lot B, and nothing else.
    EXPECT_EQ(redacted.size(), name == "run/" + run ? 1U : 0U) << name;
  }
  EXPECT_EQ(heads->size(), streams);
  for (const char* name : {"lot/A", "lot/BANK", "method/M-V", "product/Q", "site",
                           "specification/Q/1", "user/md1", "user/qa1", "user/tech1"}) {
    EXPECT_TRUE(heads->contains(std::string(name))) << name;
  }
  EXPECT_FALSE(heads->contains(std::string("lot/B")));
}

TEST_F(Export, AskedForAgainHoldsWhatItHeld) {
  Play(PlateOf({"A-S1"}));
  const std::string request_id = NewUuid();
  const auto first = ExportA(request_id);
  ASSERT_TRUE(first) << first.error().message;
  // The lot goes on, and a run is named that was not there.
  fixture.AddSample("A", "A-S2", "STABILITY");
  SiteFixture::Must(Create(PlateOf({"A-S2"}).Map()));
  const auto again = ExportA(request_id);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->at("heads"), first->at("heads"));
  EXPECT_EQ(again->at("streams.json"), first->at("streams.json"));
  const auto later = ExportA();
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_NE(later->at("heads"), first->at("heads"));
}

TEST_F(Export, LeavesOutNothingThatCameWhileItWasCollected) {
  std::atomic<bool> done{false};
  std::thread busy([&] {
    const Call call = fixture.As("tech2", "LotService/PlanSample");
    for (int i = 0; !done; ++i) {
      auto request = FromText<v1::PlanSampleRequest>(
          "sample_id: 'A-N" + std::to_string(i) +
          "' lot_id: 'A' purpose: PURPOSE_STABILITY sampling_point: 'DP' container: '1' "
          "amount { value: '1.0' unit: 'mL' }");
      request.set_request_id(NewUuid());
      SiteFixture::Must(fixture.Record(call, request.request_id(), request,
                                       PlanSample(fixture.site(), call, request)));
    }
  });
  for (int i = 0; i < 20; ++i) {
    const auto files = ExportA();
    if (!files) {
      EXPECT_EQ(files.error().reason, ErrorReason::kChanged) << files.error().message;
      continue;
    }
    const auto heads = tlog::ParseHeads(files->at("heads"));
    ASSERT_TRUE(heads);
    const auto next = fixture.site().store().Read([&](storage::Records& records) {
      return storage::StreamEntries(records.db(), "lot/A", heads->find("lot/A")->second.pos + 1, 1);
    });
    ASSERT_TRUE(next);
    EXPECT_TRUE(next->empty() || (*next)[0].index > EventOfExport(*files).index());
  }
  done = true;
  busy.join();
  EXPECT_TRUE(ExportA());
}

}  // namespace
}  // namespace lims::app
