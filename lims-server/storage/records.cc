#include "storage/records.h"

#include <unordered_map>

#include "storage/runs.h"

namespace lims::storage {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kMaxCachedLists = 1000;

// The SQL of one kind, built once.
struct KindSql {
  std::string put;
  std::string get;
  std::vector<std::string> by_prefix;  // by number of key parts given
};

KindSql BuildSql(const tlog::RecordKind& kind) {
  KindSql sql;
  std::string names;
  std::string marks;
  std::string updates;
  std::string order;
  int parameter = 0;
  for (const FieldDescriptor* field : kind.key) {
    names += field->name() + ", ";
    marks += "?" + std::to_string(++parameter) + ", ";
    order += (order.empty() ? "" : ", ") + field->name();
  }
  const std::string key_names = order;
  for (const FieldDescriptor* field : kind.columns) {
    names += field->name() + ", ";
    marks += "?" + std::to_string(++parameter) + ", ";
    updates += field->name() + " = excluded." + field->name() + ", ";
  }
  sql.put = "INSERT INTO " + kind.table + " (" + names + "etag, record) VALUES (" + marks + "?" +
            std::to_string(parameter + 1) + ", ?" + std::to_string(parameter + 2) +
            ") ON CONFLICT (" + key_names + ") DO UPDATE SET " + updates +
            "etag = excluded.etag, record = excluded.record";
  std::string select = "SELECT etag, record FROM " + kind.table;
  sql.by_prefix.push_back(select + " ORDER BY " + order);
  std::string where;
  for (std::size_t i = 0; i < kind.key.size(); ++i) {
    where += (i == 0 ? " WHERE " : " AND ") + kind.key[i]->name() + " = ?" + std::to_string(i + 1);
    sql.by_prefix.push_back(select + where + " ORDER BY " + order);
  }
  sql.get = select + where;
  return sql;
}

const KindSql& SqlOf(const tlog::RecordKind& kind) {
  static const auto* sql = [] {
    auto* map = new std::unordered_map<const tlog::RecordKind*, KindSql>();
    for (const tlog::RecordKind& each : tlog::RecordKinds()) map->emplace(&each, BuildSql(each));
    return map;
  }();
  return sql->at(&kind);
}

void BindPart(Statement& statement, int parameter, const KeyPart& part) {
  if (const auto* text = std::get_if<std::string_view>(&part)) {
    statement.BindText(parameter, *text);
  } else {
    statement.Bind(parameter, std::get<std::int64_t>(part));
  }
}

void BindField(Statement& statement, int parameter, const Message& record,
               const FieldDescriptor* field) {
  const auto* reflection = record.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;  // not needed: every string field is kept as one
      statement.LendText(parameter, reflection->GetStringReference(record, field, &scratch));
      return;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      statement.Bind(parameter, reflection->GetInt32(record, field));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      statement.Bind(parameter, reflection->GetInt64(record, field));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      statement.Bind(parameter, reflection->GetEnumValue(record, field));
      return;
    default:
      std::abort();
  }
}

// With its length, so that no text of a request passes for two parts.
void AppendPart(std::string_view part, std::string* name) {
  *name += std::to_string(part.size());
  *name += ':';
  *name += part;
}

std::string ListName(std::string_view column, std::initializer_list<KeyPart> parts) {
  std::string name;
  if (!column.empty()) AppendPart(column, &name);
  for (const KeyPart& part : parts) {
    if (const auto* text = std::get_if<std::string_view>(&part)) {
      AppendPart(*text, &name);
    } else {
      AppendPart(std::to_string(std::get<std::int64_t>(part)), &name);
    }
  }
  return name;
}

}  // namespace

RowCache::Rows RowCache::Find(const tlog::RecordKind& kind, std::string_view column,
                              Parts parts) const {
  const auto table = tables_.find(&kind);
  if (table == tables_.end()) return nullptr;
  const Lists& lists = column.empty() ? table->second.by_prefix : table->second.by_column;
  const auto rows = lists.find(ListName(column, parts));
  return rows == lists.end() ? nullptr : rows->second;
}

void RowCache::Keep(const tlog::RecordKind& kind, std::string_view column, Parts parts, Rows rows) {
  Table& table = tables_[&kind];
  Lists& lists = column.empty() ? table.by_prefix : table.by_column;
  if (lists.size() >= kMaxCachedLists) lists.clear();
  lists.emplace(ListName(column, parts), std::move(rows));
}

void RowCache::Forget(const Message& record) {
  const tlog::RecordKind& kind = tlog::KindOf(record.GetDescriptor());
  const auto table = tables_.find(&kind);
  if (table == tables_.end()) return;
  Lists& lists = table->second.by_prefix;
  std::string name;
  lists.erase(name);
  for (const FieldDescriptor* field : kind.key) {
    AppendPart(tlog::FieldText(record, field), &name);
    lists.erase(name);
  }
  // The row may have left a list that the record does not tell.
  table->second.by_column.clear();
}

Result<bool> Records::Read(const tlog::RecordKind& kind, std::initializer_list<KeyPart> key,
                           Message* record, std::int64_t* etag) {
  Statement statement = db_.Query(SqlOf(kind).get);
  int parameter = 0;
  for (const KeyPart& part : key) BindPart(statement, ++parameter, part);
  LIMS_ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found) return false;
  *etag = statement.IntColumn(0);
  const std::string_view bytes = statement.BlobColumn(1);
  if (!record->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Damaged(kind);
  return true;
}

Statement Records::SelectByPrefix(const tlog::RecordKind& kind,
                                  std::initializer_list<KeyPart> prefix) {
  Statement statement = db_.Query(SqlOf(kind).by_prefix.at(prefix.size()));
  int parameter = 0;
  for (const KeyPart& part : prefix) BindPart(statement, ++parameter, part);
  return statement;
}

Statement Records::SelectByColumn(const tlog::RecordKind& kind, std::string_view column,
                                  KeyPart value) {
  std::string order;
  for (const FieldDescriptor* field : kind.key) {
    order += (order.empty() ? "" : ", ") + field->name();
  }
  Statement statement = db_.Query("SELECT etag, record FROM " + kind.table + " WHERE " +
                                  std::string(column) + " = ?1 ORDER BY " + order);
  BindPart(statement, 1, value);
  return statement;
}

Statement Records::SelectPage(const tlog::RecordKind& kind, std::string_view after, int limit) {
  const std::string& key = kind.key.front()->name();
  Statement statement = db_.Query("SELECT etag, record FROM " + kind.table + " WHERE " + key +
                                  " > ?1 ORDER BY " + key + " LIMIT ?2");
  statement.BindText(1, after).Bind(2, limit);
  return statement;
}

Statement Records::SelectPageBy(const tlog::RecordKind& kind, std::string_view column,
                                KeyPart value, std::string_view after, int limit) {
  const std::string& key = kind.key.front()->name();
  Statement statement =
      db_.Query("SELECT etag, record FROM " + kind.table + " WHERE " + std::string(column) +
                " = ?1 AND " + key + " > ?2 ORDER BY " + key + " LIMIT ?3");
  BindPart(statement, 1, value);
  statement.BindText(2, after).Bind(3, limit);
  return statement;
}

std::string Records::Describe(const tlog::RecordKind& kind, std::initializer_list<KeyPart> key) {
  std::string text = kind.table;
  for (char& c : text) c = c == '_' ? ' ' : c;
  for (const KeyPart& part : key) {
    text += ' ';
    if (const auto* value = std::get_if<std::string_view>(&part)) {
      text += *value;
    } else {
      text += std::to_string(std::get<std::int64_t>(part));
    }
  }
  return text;
}

Error Records::Damaged(const tlog::RecordKind& kind) {
  return MakeError(ErrorReason::kDataLoss,
                   "a row of table " + kind.table + " is damaged: run lims-server verify");
}

Result<void> PutRecord(Connection& db, const Message& record, std::int64_t etag) {
  const tlog::RecordKind& kind = tlog::KindOf(record.GetDescriptor());
  Statement statement = db.Query(SqlOf(kind).put);
  int parameter = 0;
  for (const FieldDescriptor* field : kind.key) BindField(statement, ++parameter, record, field);
  for (const FieldDescriptor* field : kind.columns) {
    BindField(statement, ++parameter, record, field);
  }
  statement.Bind(++parameter, etag);
  const std::string bytes = record.SerializeAsString();
  statement.LendBlob(++parameter, bytes);
  LIMS_RETURN_IF_ERROR(statement.Run());
  if (record.GetDescriptor() != v1::Run::descriptor()) return {};
  return PutRawFiles(db, static_cast<const v1::Run&>(record));
}

}  // namespace lims::storage
