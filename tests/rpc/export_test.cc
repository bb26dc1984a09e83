// Exports of lots with large files: few at a time, byte by byte what was stored.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "base/encoding.h"
#include "base/sha256.h"
#include "lims/v1/audit_service.grpc.pb.h"
#include "rpc/permission_cases.h"
#include "rpc/server_fixture.h"

namespace lims::rpc {
namespace {

class ExportTest : public ::testing::Test {
 protected:
  ExportTest() {
    records.Run(v1::RUN_STATE_SUBMITTED);
    EXPECT_TRUE(app::StoreRawFile(server.site(), sha256, bytes));
    auto run = server.Find<v1::Run>({records.run()});
    run->add_raw_files()->set_sha256(sha256);
    run->mutable_raw_files(0)->set_size_bytes(static_cast<std::int64_t>(bytes.size()));
    server.Put({&*run});
  }

  // A raw file that no connection takes without being read.
  static std::string RawFile() {
    std::string bytes(std::size_t{8} << 20, 0);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 256);
    return bytes;
  }

  struct Open {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::ExportLotResponse>> reader;
  };
  std::unique_ptr<Open> Begin() {
    v1::ExportLotRequest request;
    request.set_request_id(NewUuid());
    request.set_lot_id(records.lot());
    auto open = std::make_unique<Open>();
    open->context.set_deadline(std::chrono::system_clock::now() + kPatience);
    open->context.AddMetadata("authorization", server.Session("auditor1"));
    open->reader = stub->ExportLot(&open->context, request);
    return open;
  }
  // What comes until the end, by path.
  static grpc::Status Take(Open& open, std::map<std::string, std::string>* files) {
    v1::ExportLotResponse message;
    while (open.reader->Read(&message)) {
      for (const v1::BundlePart& part : message.parts()) (*files)[part.path()] += part.chunk();
    }
    return open.reader->Finish();
  }

  RpcServer server;
  RecordsInState records{server};
  const std::unique_ptr<v1::AuditService::Stub> stub = v1::AuditService::NewStub(server.console());
  const std::string bytes = RawFile();
  const std::string sha256 = HexEncode(Sha256(bytes));
};

TEST_F(ExportTest, SendsARawFileAsItWasStored) {
  std::map<std::string, std::string> files;
  const grpc::Status status = Take(*Begin(), &files);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(files["blobs/" + sha256] == bytes);
  EXPECT_EQ(files["lot"], records.lot() + "\n");
  for (const char* path : {"streams.json", "checkpoint", "vkey", "consistency"}) {
    EXPECT_TRUE(files.contains(path)) << path;
  }
}

TEST_F(ExportTest, RunsTwiceAtATimeAtMost) {
  v1::ExportLotResponse first_part;
  const auto one = Begin();
  ASSERT_TRUE(one->reader->Read(&first_part));
  const auto two = Begin();
  ASSERT_TRUE(two->reader->Read(&first_part));
  std::map<std::string, std::string> files;
  const grpc::Status refused = Take(*Begin(), &files);
  EXPECT_EQ(client::ErrorFromStatus(refused).reason, ErrorReason::kBusy);
  EXPECT_TRUE(files.empty());
  // Who has taken all of it makes room for the next.
  EXPECT_TRUE(Take(*one, &files).ok());
  files.clear();
  const grpc::Status third = Take(*Begin(), &files);
  EXPECT_TRUE(third.ok()) << third.error_message();
  EXPECT_TRUE(files["blobs/" + sha256] == bytes);
  two->context.TryCancel();
  EXPECT_FALSE(two->reader->Finish().ok());
}

}  // namespace
}  // namespace lims::rpc
