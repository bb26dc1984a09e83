// The kinds of record, read once from the (lims.v1.record) options of the messages.
#ifndef LIMS_TLOG_RECORD_H_
#define LIMS_TLOG_RECORD_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <span>
#include <string>
#include <vector>

#include "lims/v1/event.pb.h"

namespace lims::tlog {

struct RecordKind {
  const google::protobuf::Descriptor* descriptor = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;  // in lims.v1.Record
  std::string table;
  std::vector<const google::protobuf::FieldDescriptor*> key;
  std::vector<const google::protobuf::FieldDescriptor*> columns;
  // The name of its stream: texts, each but the last followed by the value of a field.
  struct StreamPart {
    std::string text;
    const google::protobuf::FieldDescriptor* field = nullptr;
  };
  std::vector<StreamPart> stream;
};

// Every kind, in the order of the fields of lims.v1.Record.
std::span<const RecordKind> RecordKinds();
// The kind of a record message; aborts for a message that is none.
const RecordKind& KindOf(const google::protobuf::Descriptor* descriptor);

// The message inside the oneof; aborts when it is empty.
const google::protobuf::Message& MessageOf(const v1::Record& record);
// The same, taken out of `record`; the caller owns it.
google::protobuf::Message* ReleaseRecord(v1::Record* record);
// Makes `record` hold an empty message of this kind.
google::protobuf::Message* MutableRecord(v1::Record* record,
                                         const google::protobuf::Descriptor* kind);

// The stream that events about this record belong to.
std::string StreamOf(const google::protobuf::Message& message);
// Table and key: "result/SC-2026-0007/PH/1".
std::string NameOf(const google::protobuf::Message& message);
// The value of a key or column field as text.
std::string FieldText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor* field);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_RECORD_H_
