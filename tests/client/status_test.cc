#include "core/status.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace lims::client {
namespace {

grpc::Status Refusal(grpc::StatusCode code, const std::string& reason,
                     const google::protobuf::Message& detail) {
  google::rpc::Status details;
  details.set_code(code);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("lims");
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(detail);
  return {code, "said by the server", details.SerializeAsString()};
}

TEST(Status, ReasonAndFieldViolationsComeFromTheDetails) {
  google::rpc::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field("entries[0].value");
  violation->set_description("write 0.5");
  const Error error =
      ErrorFromStatus(Refusal(grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_ID_REUSED", request));
  EXPECT_EQ(error.reason, ErrorReason::kRequestIdReused);
  EXPECT_EQ(error.message, "said by the server");
  ASSERT_EQ(error.violations.size(), 1U);
  EXPECT_EQ(error.violations[0].field, "entries[0].value");
  EXPECT_EQ(error.violations[0].description, "write 0.5");
}

TEST(Status, PreconditionsAreViolationsOfTheirSubject) {
  google::rpc::PreconditionFailure failure;
  auto* first = failure.add_violations();
  first->set_type("NOT_TESTED");
  first->set_subject("PH");
  first->set_description("test it");
  failure.add_violations()->set_type("HOLD");
  const Error error =
      ErrorFromStatus(Refusal(grpc::StatusCode::FAILED_PRECONDITION, "NOT_RELEASABLE", failure));
  EXPECT_EQ(error.reason, ErrorReason::kNotReleasable);
  ASSERT_EQ(error.violations.size(), 2U);
  EXPECT_EQ(error.violations[0].field, "PH");
  EXPECT_EQ(error.violations[1].field, "HOLD");
}

TEST(Status, DetailsOfTheServerBeatTheCode) {
  const Error error = ErrorFromStatus(
      Refusal(grpc::StatusCode::UNAVAILABLE, "UNAVAILABLE", google::rpc::BadRequest()));
  EXPECT_EQ(error.reason, ErrorReason::kUnavailable);
  EXPECT_EQ(error.message, "said by the server");
  EXPECT_EQ(ErrorFromStatus(
                Refusal(grpc::StatusCode::ABORTED, "OF_A_NEWER_SERVER", google::rpc::BadRequest()))
                .reason,
            ErrorReason::kChanged);
}

// The library and what stands between say these too, also when an act was recorded.
TEST(Status, OnlyTheServersOwnDetailsAreAnAnswer) {
  google::rpc::Status foreign;
  google::rpc::ErrorInfo info;
  info.set_reason("WRONG_STATE");
  info.set_domain("proxy.example");
  foreign.add_details()->PackFrom(info);
  google::rpc::Status nameless;
  nameless.add_details()->PackFrom(google::rpc::BadRequest());
  for (int code = 1; code <= 16; ++code) {
    const auto of = [&](const std::string& details) {
      return ErrorFromStatus(grpc::Status(static_cast<grpc::StatusCode>(code), "x", details));
    };
    for (const std::string& details : {std::string(), std::string("no proto\xff"),
                                       foreign.SerializeAsString(), nameless.SerializeAsString()}) {
      EXPECT_EQ(of(details).reason, ErrorReason::kUnavailable) << code;
      EXPECT_TRUE(of(details).message.ends_with(": x")) << of(details).message;
    }
  }
  EXPECT_EQ(ErrorFromStatus({grpc::StatusCode::RESOURCE_EXHAUSTED,
                             "Received message larger than max (5 vs. 4)"})
                .reason,
            ErrorReason::kUnavailable);
  EXPECT_EQ(
      ErrorFromStatus(Refusal(grpc::StatusCode::INTERNAL, "INTERNAL", google::rpc::BadRequest()))
          .reason,
      ErrorReason::kInternal);
}

}  // namespace
}  // namespace lims::client
