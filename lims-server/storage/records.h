// Reading and writing record rows, for every kind alike. Queries that need more than key and
// prefix stand in the file of their record kind.
#ifndef LIMS_STORAGE_RECORDS_H_
#define LIMS_STORAGE_RECORDS_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/lot_view.h"
#include "storage/db.h"
#include "tlog/record.h"

namespace lims::storage {

using domain::Stored;

// A key part: text or integer, in the order of the kind's key.
using KeyPart = std::variant<std::string_view, std::int64_t>;

// Lists of rows that are read more often than written, parsed once on the writing connection and
// shared until a row that belongs to them is written.
class RowCache {
 public:
  using Rows = std::shared_ptr<const void>;
  using Parts = std::initializer_list<KeyPart>;

  // The rows under a key prefix when `column` is empty, else those with this value in it.
  Rows Find(const tlog::RecordKind& kind, std::string_view column, Parts parts) const;
  void Keep(const tlog::RecordKind& kind, std::string_view column, Parts parts, Rows rows);
  // Forgets every list that the record stands in or belongs into now.
  void Forget(const google::protobuf::Message& record);
  void Clear() { tables_.clear(); }

 private:
  using Lists = std::unordered_map<std::string, Rows>;
  struct Table {
    Lists by_prefix;
    Lists by_column;
  };

  std::unordered_map<const tlog::RecordKind*, Table> tables_;
};

// Reads records through one connection. Rows that do not parse are DATA_LOSS.
class Records {
 public:
  // `cache`: of the one connection that writes; others see rows change behind it.
  explicit Records(Connection& db, RowCache* cache = nullptr) : db_(db), cache_(cache) {}

  template <typename T>
  Result<std::optional<Stored<T>>> Find(std::initializer_list<KeyPart> key) {
    Stored<T> stored;
    LIMS_ASSIGN_OR_RETURN(const bool found,
                          Read(tlog::KindOf(T::descriptor()), key, &stored.record, &stored.etag));
    if (!found) return std::optional<Stored<T>>();
    return std::optional<Stored<T>>(std::move(stored));
  }

  // NOT_FOUND, in words, when there is none.
  template <typename T>
  Result<Stored<T>> Get(std::initializer_list<KeyPart> key) {
    LIMS_ASSIGN_OR_RETURN(auto found, Find<T>(key));
    if (!found) return NotFound(Describe(tlog::KindOf(T::descriptor()), key));
    return *std::move(found);
  }

  // All records whose key starts with `prefix`, in key order.
  template <typename T>
  Result<std::vector<Stored<T>>> List(std::initializer_list<KeyPart> prefix) {
    return Collect<T>(SelectByPrefix(tlog::KindOf(T::descriptor()), prefix));
  }

  // The same, shared: for what many acts read.
  template <typename T>
  Result<std::shared_ptr<const std::vector<Stored<T>>>> Shared(
      std::initializer_list<KeyPart> prefix) {
    return Share<T>("", prefix, [&] { return List<T>(prefix); });
  }

  // Get, shared.
  template <typename T>
  Result<std::shared_ptr<const Stored<T>>> GetShared(std::initializer_list<KeyPart> key) {
    LIMS_ASSIGN_OR_RETURN(const auto rows, Shared<T>(key));
    if (rows->empty()) return NotFound(Describe(tlog::KindOf(T::descriptor()), key));
    return std::shared_ptr<const Stored<T>>(rows, &rows->front());
  }

  // ListBy, shared.
  template <typename T>
  Result<std::shared_ptr<const std::vector<Stored<T>>>> SharedBy(std::string_view column,
                                                                 KeyPart value) {
    return Share<T>(column, {value}, [&] { return ListBy<T>(column, value); });
  }

  // All records with this value in a query column, in key order.
  template <typename T>
  Result<std::vector<Stored<T>>> ListBy(std::string_view column, KeyPart value) {
    return Collect<T>(SelectByColumn(tlog::KindOf(T::descriptor()), column, value));
  }

  // A page of records after `after` (empty for the first) in key order; single text keys only.
  template <typename T>
  Result<std::vector<Stored<T>>> Page(std::string_view after, int limit) {
    return Collect<T>(SelectPage(tlog::KindOf(T::descriptor()), after, limit));
  }

  // The same of those with this value in a query column.
  template <typename T>
  Result<std::vector<Stored<T>>> PageBy(std::string_view column, KeyPart value,
                                        std::string_view after, int limit) {
    return Collect<T>(SelectPageBy(tlog::KindOf(T::descriptor()), column, value, after, limit));
  }

  Connection& db() { return db_; }

 private:
  template <typename T, typename Read>
  Result<std::shared_ptr<const std::vector<Stored<T>>>> Share(std::string_view column,
                                                              std::initializer_list<KeyPart> parts,
                                                              const Read& read) {
    using Rows = std::vector<Stored<T>>;
    const tlog::RecordKind& kind = tlog::KindOf(T::descriptor());
    if (cache_ != nullptr) {
      auto known = cache_->Find(kind, column, parts);
      if (known) return std::static_pointer_cast<const Rows>(std::move(known));
    }
    LIMS_ASSIGN_OR_RETURN(auto rows, read());
    auto shared = std::make_shared<const Rows>(std::move(rows));
    if (cache_ != nullptr) cache_->Keep(kind, column, parts, shared);
    return shared;
  }

  template <typename T>
  Result<std::vector<Stored<T>>> Collect(Statement rows) {
    std::vector<Stored<T>> list;
    for (;;) {
      LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
      if (!more) return list;
      Stored<T>& stored = list.emplace_back();
      stored.etag = rows.IntColumn(0);
      const std::string_view bytes = rows.BlobColumn(1);
      if (!stored.record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Damaged(tlog::KindOf(T::descriptor()));
      }
    }
  }

  Result<bool> Read(const tlog::RecordKind& kind, std::initializer_list<KeyPart> key,
                    google::protobuf::Message* record, std::int64_t* etag);
  Statement SelectByPrefix(const tlog::RecordKind& kind, std::initializer_list<KeyPart> prefix);
  Statement SelectByColumn(const tlog::RecordKind& kind, std::string_view column, KeyPart value);
  Statement SelectPage(const tlog::RecordKind& kind, std::string_view after, int limit);
  Statement SelectPageBy(const tlog::RecordKind& kind, std::string_view column, KeyPart value,
                         std::string_view after, int limit);
  static std::string Describe(const tlog::RecordKind& kind, std::initializer_list<KeyPart> key);
  static Error Damaged(const tlog::RecordKind& kind);

  Connection& db_;
  RowCache* cache_;
};

// Applies an after-image: one row, of a run also one a file; no rule, no clock, no look-up. The
// same for serving and replay.
Result<void> PutRecord(Connection& db, const google::protobuf::Message& record, std::int64_t etag);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_RECORDS_H_
