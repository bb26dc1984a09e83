#include "core/outbox.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <set>
#include <vector>

#include "core/call.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "lims/v1/run_service.pb.h"
#include "lims/v1/system_service.pb.h"
#include "support/temporary_folder.h"
#include "tlog/event_bytes.h"

namespace lims::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

constexpr TimeUs kNow = 1'790'000'000'000'000;
constexpr char kId[] = "0190c2a0-0000-7000-8000-000000000001";

v1::AddUserRequest AddUser() {
  v1::AddUserRequest request;
  request.set_request_id(kId);
  request.set_user_id("tech1");
  request.set_name("张三");
  request.set_role(v1::ROLE_TECHNICIAN);
  request.set_one_time_code("0123456789abcdef01234567");
  return request;
}

std::vector<const MethodDescriptor*> Rpcs() {
  std::vector<const MethodDescriptor*> rpcs;
  for (const FileDescriptor* file :
       {v1::LogInRequest::descriptor()->file(), v1::ListEventsRequest::descriptor()->file(),
        v1::ImportMethodRequest::descriptor()->file(), v1::RegisterLotRequest::descriptor()->file(),
        v1::CreateRunRequest::descriptor()->file(),
        v1::GetServerInfoRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        rpcs.push_back(file->service(i)->method(j));
      }
    }
  }
  return rpcs;
}

bool IsRecorded(const MethodDescriptor& rpc) {
  return rpc.input_type()->FindFieldByName("request_id") != nullptr;
}

TEST(Outbox, StoredRequestComesBackWithoutItsSecret) {
  const TemporaryFolder folder;
  const Outbox outbox(folder.path() / "outbox");
  EXPECT_TRUE(outbox.List()->empty());
  ASSERT_TRUE(outbox.Store(MakeOutboxEntry(AddUser(), "admin1", kNow)));

  const std::string file = std::string("outbox/") + kId + ".json";
  EXPECT_EQ(folder.Read(file).find("0123456789abcdef"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat((folder.path() / file).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);

  const std::vector<OutboxEntry> entries = outbox.List().value();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].request_id, kId);
  EXPECT_EQ(entries[0].user, "admin1");
  EXPECT_EQ(entries[0].path, "/lims.v1.AccessService/AddUser");
  EXPECT_EQ(entries[0].created, FormatUtc(kNow));
  EXPECT_EQ(entries[0].needs, std::vector<std::string>{"one_time_code"});
  v1::AddUserRequest expected = AddUser();
  expected.clear_one_time_code();
  const auto restored = RestoreRequest(entries[0]);
  ASSERT_TRUE(restored);
  EXPECT_EQ((*restored)->SerializeAsString(), expected.SerializeAsString());

  ASSERT_TRUE(outbox.Remove(kId));
  EXPECT_TRUE(outbox.List()->empty());
}

TEST(Outbox, EntryIsNamedByTheCommandThatPeopleType) {
  EXPECT_EQ(CommandOf(MakeOutboxEntry(AddUser(), "admin1", kNow)), "user add");
  v1::SignRequest sign;
  sign.set_request_id(kId);
  v1::Manifest manifest;
  manifest.set_meaning(v1::MEANING_REVIEW);
  sign.set_manifest(tlog::CanonicalJson(manifest));
  EXPECT_EQ(CommandOf(MakeOutboxEntry(sign, "rev1", kNow)), "result review");
  sign.set_manifest("damaged");
  EXPECT_EQ(CommandOf(MakeOutboxEntry(sign, "rev1", kNow)), "/lims.v1.SignatureService/Sign");
  OutboxEntry later;
  later.path = "/lims.v9.NewService/New";
  EXPECT_EQ(CommandOf(later), "/lims.v9.NewService/New");
}

TEST(Outbox, EverySecretOfEveryRecordedCallIsLeftOut) {
  for (const MethodDescriptor* rpc : Rpcs()) {
    if (!IsRecorded(*rpc)) continue;
    const Descriptor* type = rpc->input_type();
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    std::set<std::string> secrets;
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
          field->is_repeated() || field->type() == google::protobuf::FieldDescriptor::TYPE_BYTES) {
        continue;
      }
      const std::string& name = field->name();
      const bool secret =
          name.find("password") != std::string::npos || name.find("code") != std::string::npos;
      request->GetReflection()->SetString(request.get(), field, secret ? "SECRET" : "plain");
      if (secret && name != "donor_code") secrets.insert(name);
    }
    if (const auto* donor = type->FindFieldByName("donor_code")) {
      request->GetReflection()->SetString(request.get(), donor, "D-1");
    }
    const OutboxEntry entry = MakeOutboxEntry(*request, "u1", kNow);
    EXPECT_EQ(entry.request_json.find("SECRET"), std::string::npos) << type->full_name();
    EXPECT_EQ(std::set<std::string>(entry.needs.begin(), entry.needs.end()), secrets)
        << type->full_name();
  }
}

TEST(Outbox, EveryRecordedCallThatIsAnsweredOnceIsRestored) {
  int restored = 0;
  for (const MethodDescriptor* rpc : Rpcs()) {
    OutboxEntry entry;
    entry.path = PathOf(*rpc);
    entry.request_json = "{}";
    const auto request = RestoreRequest(entry);
    EXPECT_EQ(request.has_value(), IsRecorded(*rpc) && !rpc->server_streaming())
        << rpc->full_name();
    if (!request) continue;
    EXPECT_EQ((*request)->GetDescriptor(), rpc->input_type());
    ++restored;
  }
  EXPECT_GE(restored, 40);
}

TEST(Outbox, PathOfNoCallIsNotRestored) {
  for (const char* path :
       {"", "/", "/lims.v1.LotService", "/lims.v1.LotService/Nothing", "/lims.v1.Lot/lot_id",
        "lims.v1.LotService/RegisterLot", "//lims.v1.LotService/RegisterLot",
        "/lims/v1/LotService/RegisterLot", "/lims.v1.LotService.RegisterLot"}) {
    EXPECT_EQ(MethodByPath(path), nullptr) << path;
    OutboxEntry entry;
    entry.path = path;
    entry.request_json = "{}";
    EXPECT_FALSE(RestoreRequest(entry)) << path;
  }
}

TEST(Outbox, IdOfAnotherRequestIsNotTaken) {
  const TemporaryFolder folder;
  const Outbox outbox(folder.path());
  const OutboxEntry entry = MakeOutboxEntry(AddUser(), "admin1", kNow);
  EXPECT_FALSE(outbox.Holds(entry).value());
  ASSERT_TRUE(outbox.Store(entry));
  EXPECT_TRUE(outbox.Holds(MakeOutboxEntry(AddUser(), "admin1", kNow + 1)).value());
  v1::AddUserRequest other = AddUser();
  other.set_name("李四");
  EXPECT_EQ(outbox.Holds(MakeOutboxEntry(other, "admin1", kNow)).error().reason,
            ErrorReason::kRequestIdReused);
}

TEST(Outbox, RequestIdIsNoPath) {
  const TemporaryFolder folder;
  const Outbox outbox(folder.path());
  v1::AddUserRequest request = AddUser();
  request.set_request_id("../escape");
  EXPECT_FALSE(outbox.Store(MakeOutboxEntry(request, "admin1", kNow)));
}

TEST(Outbox, DamagedFileIsNamedAndHalfWrittenOnesAreSkipped) {
  const TemporaryFolder folder;
  const Outbox outbox(folder.path());
  folder.Write("0190.json.AbCdEf", "{");
  EXPECT_TRUE(outbox.List()->empty());
  folder.Write("bad.json", "{\"method\":1}");
  const auto entries = outbox.List();
  ASSERT_FALSE(entries);
  EXPECT_NE(entries.error().message.find("bad.json"), std::string::npos);
}

TEST(Outbox, OnlyAnAnswerEndsTheWaiting) {
  const auto definitive = [](ErrorReason reason, bool tried) {
    return IsDefinitive(MakeError(reason, ""), tried);
  };
  for (const bool tried : {false, true}) {
    EXPECT_FALSE(definitive(ErrorReason::kUnavailable, tried));
    EXPECT_FALSE(definitive(ErrorReason::kBusy, tried));
    EXPECT_TRUE(definitive(ErrorReason::kWrongState, tried));
    EXPECT_TRUE(definitive(ErrorReason::kInvalidArgument, tried));
    EXPECT_EQ(definitive(ErrorReason::kUnauthenticated, tried), !tried);
    EXPECT_EQ(definitive(ErrorReason::kWrongCredentials, tried), !tried);
  }
}

}  // namespace
}  // namespace lims::client
