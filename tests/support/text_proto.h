// Messages as protobuf text.
#ifndef LIMS_TESTS_SUPPORT_TEXT_PROTO_H_
#define LIMS_TESTS_SUPPORT_TEXT_PROTO_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace lims {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_TEXT_PROTO_H_
