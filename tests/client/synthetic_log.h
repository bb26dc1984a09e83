// A small site's log with one lot, made without a server: events, signatures, blobs and the export
// bundle of the lot.
#ifndef LIMS_TESTS_CLIENT_SYNTHETIC_LOG_H_
#define LIMS_TESTS_CLIENT_SYNTHETIC_LOG_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ed25519.h"
#include "base/encoding.h"
#include "lims/v1/event.pb.h"
#include "support/temporary_folder.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"
#include "tlog/lines.h"
#include "tlog/memory_log.h"
#include "tlog/note.h"
#include "tlog/proof.h"
#include "tlog/signature_note.h"
#include "tlog/stream_heads.h"

namespace lims::client {

inline constexpr char kOrigin[] = "lims.example/site1/audit";
inline constexpr char kLot[] = "SC-2026-0007";

class SyntheticLog {
 public:
  struct Entry {
    std::int64_t index;
    std::string bytes;
  };

  SyntheticLog() : log_key_(Key('l')), server_key_(Key('s')) {}

  std::string vkey() const { return tlog::FormatVkey(kOrigin, log_key_.public_key()); }
  std::uint64_t size() const { return log_.tree().size(); }
  const std::map<std::string, std::vector<Entry>>& streams() const { return streams_; }

  // Appends an event; `tamper` may spoil it before it is logged.
  void Append(const std::string& stream, const std::string& user, v1::Act act,
              std::vector<v1::Record> records,
              const std::function<void(v1::Event*)>& tamper = nullptr) {
    std::vector<Entry>& entries = streams_[stream];
    v1::Event event;
    event.set_index(static_cast<std::int64_t>(size()));
    event.set_act_index(event.index());
    event.set_stream(stream);
    event.set_pos(static_cast<std::int64_t>(entries.size()));
    if (!entries.empty()) event.set_prev(HexEncode(tlog::LeafHash(entries.back().bytes)));
    const tlog::SignedAt at = Now();
    event.set_time_us(at.time);
    event.set_zone(at.zone);
    event.set_zone_offset_minutes(at.zone_offset_minutes);
    event.mutable_actor()->set_user_id(user);
    event.mutable_actor()->set_name(user.empty() ? "" : "Name of " + user);
    event.set_terminal("bench-3");
    event.set_act(act);
    for (v1::Record& record : records) *event.add_records() = std::move(record);
    if (tamper) tamper(&event);
    entries.push_back({static_cast<std::int64_t>(size()), tlog::CanonicalJson(event)});
    log_.Append(entries.back().bytes);
  }

  std::string Checkpoint(std::uint64_t at) const {
    const std::string text = tlog::FormatCheckpoint({kOrigin, at, log_.root(at)});
    return tlog::FormatNote({text, {tlog::SignNote(kOrigin, log_key_, text)}});
  }

  std::vector<Hash> Consistency(std::uint64_t old_size) const {
    return tlog::ConsistencyProof(old_size, size(), log_.reader()).value();
  }

  std::string AddBlob(const std::string& bytes) {
    const std::string sha256 = HexEncode(Sha256(bytes));
    blobs_[sha256] = bytes;
    return sha256;
  }

  v1::Record Site() const {
    v1::Record record;
    record.mutable_site()->set_origin(kOrigin);
    record.mutable_site()->set_log_vkey(vkey());
    record.mutable_site()->set_signature_vkey(
        tlog::FormatVkey(kServerKeyName, server_key_.public_key()));
    return record;
  }

  v1::Record User(const std::string& user, char key) const {
    v1::Record record;
    record.mutable_user()->set_user_id(user);
    record.mutable_user()->set_vkey(tlog::FormatVkey(KeyName(user), Key(key).public_key()));
    return record;
  }

  // A signature of `user` with its key `key` under a manifest for `subject`, for the next event.
  v1::Record Sign(const std::string& user, char key, const std::string& subject,
                  v1::Meaning meaning, const std::string& session_user = "",
                  const std::string& comment = "") {
    v1::Manifest manifest;
    manifest.set_signature_id(HexEncode(Sha256(subject + user)).substr(0, 32));
    manifest.set_meaning(meaning);
    manifest.set_subject(subject);
    manifest.set_statement("I have checked it.");
    const std::string bytes = tlog::CanonicalJson(manifest);
    v1::Record record;
    v1::Signature* signature = record.mutable_signature();
    signature->set_signature_id(manifest.signature_id());
    signature->set_subject(subject);
    signature->set_user_id(user);
    signature->set_meaning(meaning);
    signature->set_manifest_sha256(AddBlob(bytes));
    signature->set_manifest_bytes(static_cast<std::int64_t>(bytes.size()));
    signature->set_session_user_id(session_user);
    signature->set_comment(comment);
    const std::string text = tlog::SignatureNoteText(kOrigin, *signature, manifest, Now());
    signature->set_note(tlog::FormatNote({text,
                                          {tlog::SignNote(KeyName(user), Key(key), text),
                                           tlog::SignNote(kServerKeyName, server_key_, text)}}));
    return record;
  }

  // Where the streams end now, as a bundle's file `heads` says it; gives its SHA-256 for the export
  // to name. `redacted` are log indexes.
  std::string NameHeads(const std::set<std::int64_t>& redacted) {
    tlog::StreamEnds ends;
    for (const auto& [stream, entries] : streams_) {
      if (stream.starts_with("access/")) continue;
      tlog::StreamEnd& end = ends[stream];
      end.pos = static_cast<std::int64_t>(entries.size()) - 1;
      end.leaf = tlog::LeafHash(entries.back().bytes);
      for (const Entry& entry : entries) {
        if (redacted.contains(entry.index)) end.redacted.push_back(entry.index);
      }
    }
    heads_ = tlog::FormatHeads(ends);
    return HexEncode(Sha256(heads_));
  }

  // Writes the bundle of kLot as an export at the last event would, with `heads` when they were
  // named. `redacted` gives events by log
  // index whose entries are left out, `dropped` streams that are left out.
  void WriteBundle(const TemporaryFolder& folder, std::uint64_t earlier,
                   const std::set<std::int64_t>& redacted,
                   const std::set<std::string>& dropped = {}) const {
    const std::string checkpoint = Checkpoint(size());
    folder.Write("vkey", vkey() + "\n");
    folder.Write("checkpoint", checkpoint);
    folder.Write("checkpoint.earlier", Checkpoint(earlier));
    std::string proof;
    for (const Hash& hash : Consistency(earlier)) proof += tlog::FormatHash(hash) + "\n";
    folder.Write("consistency", proof);
    folder.Write("lot", std::string(kLot) + "\n");
    std::string list = std::string("{\"lot\":\"") + kLot +
                       "\",\"export_index\":" + std::to_string(size() - 1) + ",\"streams\":[";
    bool first_stream = true;
    for (const auto& [stream, entries] : streams_) {
      if (dropped.contains(stream)) continue;
      list += std::string(first_stream ? "" : ",") + "{\"stream\":\"" + stream +
              "\",\"head\":" + std::to_string(entries.size() - 1) + ",\"events\":[";
      first_stream = false;
      for (const Entry& entry : entries) {
        const std::string index = std::to_string(entry.index);
        list += std::string(entry.index == entries.front().index ? "" : ",") +
                "{\"index\":" + index + ",\"leaf\":\"" + HexEncode(tlog::LeafHash(entry.bytes)) +
                "\"";
        if (!redacted.contains(entry.index)) {
          list += ",\"entry\":\"entries/" + index + ".json\"";
          folder.Write("entries/" + index + ".json", entry.bytes);
        }
        list += "}";
        const auto at = static_cast<std::uint64_t>(entry.index);
        folder.Write(
            "proofs/" + index,
            tlog::FormatTlogProof(
                {at, tlog::InclusionProof(at, size(), log_.reader()).value(), checkpoint}));
      }
      list += "]}";
    }
    folder.Write("streams.json", list + "]}\n");
    if (!heads_.empty()) folder.Write("heads", heads_);
    for (const auto& [sha256, bytes] : blobs_) folder.Write("blobs/" + sha256, bytes);
  }

 private:
  // When and where the next event is made.
  tlog::SignedAt Now() const {
    return {TimeUs{1'790'000'000'000'000} + static_cast<TimeUs>(size()), "Asia/Shanghai", 480, ""};
  }

  static constexpr char kServerKeyName[] = "lims.example/site1/esig-server";
  static std::string KeyName(const std::string& user) { return "lims.example/site1/user/" + user; }
  static SigningKey Key(char fill) { return SigningKey::FromSeed(std::string(32, fill)).value(); }

  SigningKey log_key_;
  SigningKey server_key_;
  tlog::MemoryLog log_;
  std::map<std::string, std::vector<Entry>> streams_;
  std::map<std::string, std::string> blobs_;
  std::string heads_;
};

}  // namespace lims::client

#endif  // LIMS_TESTS_CLIENT_SYNTHETIC_LOG_H_
