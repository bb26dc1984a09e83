// What auditors and terminals are told of the log.
#include "app/audit.h"

#include "storage/log.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class AuditTest : public testing::Test {
 protected:
  AuditTest() : fixture_(folder_.path()) { fixture_.SetAdministratorsPasswords(); }

  static v1::GetCheckpointRequest From(std::int64_t size) {
    v1::GetCheckpointRequest request;
    request.set_old_size(size);
    return request;
  }

  TemporaryFolder folder_;
  SiteFixture fixture_;
};

TEST_F(AuditTest, AStreamThatDoesNotExistIsNoEmptyOne) {
  v1::ListEventsRequest request;
  const auto list = [&](const std::string& stream) {
    request.set_stream(stream);
    return fixture_.site().store().Read(
        [&](storage::Records& records) { return ListEvents(fixture_.site(), records, request); });
  };
  EXPECT_EQ(list("admin1").error().reason, ErrorReason::kNotFound);
  EXPECT_TRUE(list("user/admin1"));
  request.set_start(1'000'000);
  EXPECT_TRUE(list("user/admin1"));
}

TEST_F(AuditTest, LogOfTheSizeThatWasSeenIsNeverCalledShortened) {
  // A checkpoint is stored with the next batch: one that was signed just before the snapshot is
  // not in it, and the newest is already beyond it.
  const auto reply = fixture_.site().store().Read(
      [&](storage::Records& records) -> Result<v1::GetCheckpointResponse> {
        LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
        fixture_.AddPerson("tech1", v1::ROLE_TECHNICIAN);
        return GetCheckpoint(fixture_.site(), records, From(size));
      });
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason, ErrorReason::kUnavailable) << reply.error().message;
}

TEST_F(AuditTest, LogShorterThanWhatWasSeenIsCalledShortened) {
  const auto ask = [&](std::int64_t size) {
    return fixture_.site().store().Read([&](storage::Records& records) {
      return GetCheckpoint(fixture_.site(), records, From(size));
    });
  };
  EXPECT_TRUE(ask(3));
  EXPECT_EQ(ask(100'000).error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(ask(-1).error().reason, ErrorReason::kInvalidArgument);
}

}  // namespace
}  // namespace lims::app
