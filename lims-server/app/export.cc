#include "app/export.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/encoding.h"
#include "base/json.h"
#include "base/sha256.h"
#include "storage/log.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"
#include "tlog/lines.h"
#include "tlog/named_files.h"
#include "tlog/proof.h"
#include "tlog/stream_heads.h"

namespace lims::app {
namespace {

struct BundleEvent {
  v1::Event event;
  std::string bytes;
  Hash leaf{};
  bool shown = true;
};

// Positions of other lots on a shared run are theirs: they go out as leaf hashes only.
bool IsShown(const v1::Event& event, const std::string& lot_id) {
  return std::none_of(event.records().begin(), event.records().end(), [&](const auto& record) {
    return record.has_run_position() && !record.run_position().lot_id().empty() &&
           record.run_position().lot_id() != lot_id;
  });
}

// Proofs of neighbours share most of their nodes: each is read once.
tlog::NodeReader Remembering(tlog::NodeReader nodes) {
  auto known = std::make_shared<std::unordered_map<std::int64_t, Hash>>();
  return [known, nodes = std::move(nodes)](int level, std::uint64_t n) -> std::optional<Hash> {
    const std::int64_t id = storage::NodeId(level, n);
    if (const auto found = known->find(id); found != known->end()) return found->second;
    const auto hash = nodes(level, n);
    if (hash) known->emplace(id, *hash);
    return hash;
  };
}

// A lot's stream and every stream that its records name, as far as the log goes before `end`.
class Bundle {
 public:
  static Result<Bundle> Collect(storage::Records& records, std::string lot_id, std::int64_t end) {
    Bundle bundle(std::move(lot_id), end);
    LIMS_RETURN_IF_ERROR(bundle.AddFamily(records, bundle.lot_id_));
    LIMS_RETURN_IF_ERROR(bundle.AddNamedStreams(records));
    tlog::StreamEnds ends;
    for (const auto& [stream, events] : bundle.streams_) {
      tlog::StreamEnd& last = ends[stream];
      last.pos = events.back().event.pos();
      last.leaf = events.back().leaf;
      for (const BundleEvent& entry : events) {
        if (!entry.shown) last.redacted.push_back(entry.event.index());
      }
    }
    bundle.heads_ = tlog::FormatHeads(ends);
    return bundle;
  }

  // What the export names, and a file of the bundle: see tlog/stream_heads.h.
  const std::string& heads() const { return heads_; }

  // Whether no stream has grown since it was collected.
  Result<bool> IsCurrent(storage::Transaction& tx) const {
    for (const auto& [stream, events] : streams_) {
      LIMS_ASSIGN_OR_RETURN(const auto head, tx.HeadOf(stream));
      if (!head || head->pos != events.back().event.pos()) return false;
    }
    return true;
  }

  const BundleEvent& Last(const std::string& stream) const { return streams_.at(stream).back(); }
  std::int64_t FirstIndex(const std::string& stream) const {
    return streams_.at(stream).front().event.index();
  }

  // Adds one event of a stream that is not the lot's: the export itself.
  Result<void> AddEvent(storage::Records& records, const std::string& stream, std::int64_t index) {
    LIMS_ASSIGN_OR_RETURN(auto entries, storage::Entries(records.db(), index, 1));
    if (entries.empty()) return NotFound("event " + std::to_string(index));
    BundleEvent entry;
    LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entries[0].bytes, &entry.event));
    entry.leaf = entries[0].leaf;
    entry.bytes = std::move(entries[0].bytes);
    streams_[stream].push_back(std::move(entry));
    return {};
  }

  // `export_index`: the event of the export; `size`: events that the checkpoint covers.
  Result<std::vector<BundleFile>> Files(storage::Records& records, std::int64_t export_index,
                                        const std::string& checkpoint_note, std::uint64_t size) {
    std::vector<BundleFile> files;
    std::set<std::string> blobs;
    tlog::WaitingSeals seals;
    const tlog::NodeReader nodes = Remembering(storage::Nodes(records.db()));
    std::string index = "{\"lot\":";
    AppendJsonString(index, lot_id_);
    index += ",\"export_index\":" + std::to_string(export_index) + ",\"streams\":[";
    bool first_stream = true;
    for (const auto& [stream, events] : streams_) {
      index += first_stream ? "\n{\"stream\":" : ",\n{\"stream\":";
      first_stream = false;
      AppendJsonString(index, stream);
      index += ",\"head\":" + std::to_string(events.back().event.pos());
      index += ",\"events\":[";
      for (std::size_t i = 0; i < events.size(); ++i) {
        const BundleEvent& entry = events[i];
        const std::string number = std::to_string(entry.event.index());
        index += (i == 0 ? "" : ",");
        index += "\n{\"index\":" + number + ",\"leaf\":\"" + HexEncode(entry.leaf) + "\"";
        if (entry.shown) {
          index += ",\"entry\":\"entries/" + number + ".json\"";
          files.push_back({"entries/" + number + ".json", entry.bytes, ""});
          for (const v1::Record& record : entry.event.records()) {
            seals.Add(record);
            if (record.has_signature()) blobs.insert(record.signature().manifest_sha256());
            for (tlog::NamedFile& file : tlog::NamedFiles(record)) {
              blobs.insert(std::move(file.sha256));
            }
          }
        }
        index += "}";
        tlog::TlogProof proof;
        proof.index = static_cast<std::uint64_t>(entry.event.index());
        proof.checkpoint = checkpoint_note;
        LIMS_ASSIGN_OR_RETURN(proof.hashes, tlog::InclusionProof(proof.index, size, nodes));
        files.push_back({"proofs/" + number, tlog::FormatTlogProof(proof), ""});
      }
      index += "]}";
    }
    index += "]}\n";
    files.push_back({"streams.json", std::move(index), ""});
    for (const std::string& sha256 : seals.Hashes()) blobs.erase(sha256);
    for (const std::string& sha256 : blobs) {
      LIMS_ASSIGN_OR_RETURN(const bool held, storage::HasBlob(records.db(), sha256));
      if (!held) return NotFound("file " + sha256);
      files.push_back({"blobs/" + sha256, "", sha256});
    }
    return files;
  }

 private:
  Bundle(std::string lot_id, std::int64_t end) : lot_id_(std::move(lot_id)), end_(end) {}

  // Adds a stream from its start; one without events is none.
  Result<void> AddStream(storage::Records& records, const std::string& stream) {
    if (streams_.contains(stream)) return {};
    LIMS_ASSIGN_OR_RETURN(auto entries,
                          storage::StreamEntries(records.db(), stream, 0, storage::kWholeStream));
    std::vector<BundleEvent> events;
    for (storage::StreamEntry& stored : entries) {
      if (stored.index >= end_) break;
      BundleEvent& entry = events.emplace_back();
      LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(stored.bytes, &entry.event));
      entry.leaf = tlog::LeafHash(stored.bytes);
      entry.shown = IsShown(entry.event, lot_id_);
      entry.bytes = std::move(stored.bytes);
    }
    if (!events.empty()) streams_.emplace(stream, std::move(events));
    return {};
  }

  // The events of a stream; none when it was not added.
  const std::vector<BundleEvent>& EventsOf(const std::string& stream) const {
    static const std::vector<BundleEvent> kNone;
    const auto found = streams_.find(stream);
    return found == streams_.end() ? kNone : found->second;
  }

  // Adds a lot's stream, its parents' and so on.
  Result<void> AddFamily(storage::Records& records, const std::string& lot) {
    const std::string stream = "lot/" + lot;
    if (streams_.contains(stream)) return {};
    LIMS_RETURN_IF_ERROR(AddStream(records, stream));
    for (const BundleEvent& entry : EventsOf(stream)) {
      for (const v1::Record& record : entry.event.records()) {
        for (const v1::LotParent& parent : record.lot().parents()) {
          LIMS_RETURN_IF_ERROR(AddFamily(records, parent.lot_id()));
        }
      }
    }
    return {};
  }

  // Every stream that the lot's own records name or named. They are read from its events, so that
  // an export that is asked for again holds what it held.
  Result<void> AddNamedStreams(storage::Records& records) {
    std::set<std::string> named = {"site"};
    std::set<std::pair<std::string, int>> methods;
    for (const BundleEvent& entry : EventsOf("lot/" + lot_id_)) {
      for (const v1::Record& record : entry.event.records()) {
        if (record.has_lot()) {
          const v1::Lot& lot = record.lot();
          named.insert("product/" + lot.product_id());
          named.insert("specification/" + lot.product_id() + "/" +
                       std::to_string(lot.specification_revision()));
        } else if (record.has_lot_fact()) {
          named.insert("lot/" + record.lot_fact().value());  // when a lot has this name
        } else if (record.has_attempt()) {
          named.insert("run/" + record.attempt().run_id());
          named.insert("method/" + record.attempt().method_id());
          methods.emplace(record.attempt().method_id(), record.attempt().method_version());
        }
      }
    }
    for (const std::string& stream : named) LIMS_RETURN_IF_ERROR(AddStream(records, stream));
    for (const auto& [method, version] : methods) {
      LIMS_RETURN_IF_ERROR(AddApprovals(records, method, version));
    }
    return AddPeople(records);
  }

  // Methods that were approved together are signed for under one subject.
  Result<void> AddApprovals(storage::Records& records, const std::string& method, int version) {
    std::set<std::string> signatures;
    for (const BundleEvent& entry : EventsOf("method/" + method)) {
      for (const v1::Record& record : entry.event.records()) {
        if (record.method().version() != version) continue;
        signatures.insert(record.method().approval_signature_id());
      }
    }
    for (const std::string& id : signatures) {
      LIMS_ASSIGN_OR_RETURN(const auto signature, records.Find<v1::Signature>({id}));
      if (signature) LIMS_RETURN_IF_ERROR(AddStream(records, signature->record.subject()));
    }
    return {};
  }

  // Everybody who acted or signed in what is shown, so that roles and keys can be checked, and in
  // whose session somebody signed.
  Result<void> AddPeople(storage::Records& records) {
    std::set<std::string> people;
    for (const auto& [stream, events] : streams_) {
      for (const BundleEvent& entry : events) {
        people.insert(entry.event.actor().user_id());
        for (const v1::Record& record : entry.event.records()) {
          people.insert(record.signature().session_user_id());
        }
      }
    }
    people.erase("");  // the server itself
    for (const std::string& user : people) {
      LIMS_RETURN_IF_ERROR(AddStream(records, "user/" + user));
    }
    return {};
  }

  std::string lot_id_;
  std::int64_t end_;
  std::map<std::string, std::vector<BundleEvent>> streams_;  // none is empty
  std::string heads_;
};

constexpr int kTries = 3;  // to collect it while nothing of it changes

// What the lot's bundle holds now.
Result<Bundle> CollectNow(Site& site, const Call& call, const std::string& lot_id) {
  return site.store().Read([&](storage::Records& records) -> Result<Bundle> {
    LIMS_RETURN_IF_ERROR(RoleForRead(records, call));
    LIMS_RETURN_IF_ERROR(records.Get<v1::Lot>({lot_id}));
    LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
    return Bundle::Collect(records, lot_id, size);
  });
}

// The export is itself an event that names where each stream of the bundle ends: what comes later
// is no part of it. CHANGED when something came since it was collected; without a bundle the
// request was recorded before.
Result<storage::RecordedAct> RecordExport(Site& site, const Call& call,
                                          const v1::ExportLotRequest& request,
                                          const std::optional<Bundle>& bundle) {
  LIMS_ASSIGN_OR_RETURN(std::string fingerprint, Fingerprint(call.method, request));
  storage::ActInfo info =
      InfoOf(call, v1::ACT_EXPORT, request.request_id(), std::move(fingerprint));
  if (!bundle) return site.writer().Execute(std::move(info), AlreadyRecorded().run);
  return site.writer().Execute(std::move(info), [&](storage::Transaction& tx) -> Result<void> {
    LIMS_RETURN_IF_ERROR(Authorise(tx, call));
    LIMS_ASSIGN_OR_RETURN(const bool current, bundle->IsCurrent(tx));
    if (!current) {
      return MakeError(ErrorReason::kChanged,
                       "what belongs to lot " + request.lot_id() +
                           " changed while it was collected: export it again");
    }
    const BundleEvent& head = bundle->Last("lot/" + request.lot_id());
    tx.Note(site.AccessStream(tx.now()),
            {{"lot", request.lot_id()},
             {"head_pos", std::to_string(head.event.pos())},
             {"head_leaf", HexEncode(head.leaf)},
             {tlog::kHeadsDetail, HexEncode(Sha256(bundle->heads()))}});
    return {};
  });
}

}  // namespace

Result<std::vector<BundleFile>> ExportLot(Site& site, const Call& call,
                                          const v1::ExportLotRequest& request) {
  const std::string stream = "lot/" + request.lot_id();
  LIMS_ASSIGN_OR_RETURN(const bool recorded, site.WasRecorded(call.user_id, request.request_id()));
  std::optional<Bundle> bundle;
  const auto record = [&]() -> Result<storage::RecordedAct> {
    if (!recorded) {
      LIMS_ASSIGN_OR_RETURN(bundle, CollectNow(site, call, request.lot_id()));
    }
    return RecordExport(site, call, request, bundle);
  };
  Result<storage::RecordedAct> act = record();
  for (int tries = 1; tries < kTries && !act && act.error().reason == ErrorReason::kChanged;
       ++tries) {
    act = record();
  }
  if (!act) return std::move(act).error();
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, tlog::ParseVkey(site.record().log_vkey()));
  return site.store().Read([&](storage::Records& records) -> Result<std::vector<BundleFile>> {
    if (act->replayed) {
      LIMS_RETURN_IF_ERROR(RoleForRead(records, call));
      LIMS_ASSIGN_OR_RETURN(bundle, Bundle::Collect(records, request.lot_id(), act->first_index));
    }
    LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint covering,
                          tlog::OpenCheckpoint(act->checkpoint, key));
    LIMS_RETURN_IF_ERROR(bundle->AddEvent(records, act->events[0].stream(), act->first_index));
    LIMS_ASSIGN_OR_RETURN(std::vector<BundleFile> files,
                          bundle->Files(records, act->first_index, act->checkpoint, covering.size));
    // An export that was recorded before bundles had this file names none.
    const auto& details = act->events[0].details();
    if (std::any_of(details.begin(), details.end(),
                    [](const auto& detail) { return detail.name() == tlog::kHeadsDetail; })) {
      files.push_back({"heads", bundle->heads(), ""});
    }
    const std::int64_t wanted =
        request.earlier_size() > 0 ? request.earlier_size() : bundle->FirstIndex(stream) + 1;
    LIMS_ASSIGN_OR_RETURN(
        auto earlier, storage::StoredCheckpoint(records.db(), std::min(wanted, act->first_index)));
    if (!earlier) earlier = act->checkpoint;
    LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint before, tlog::OpenCheckpoint(*earlier, key));
    LIMS_ASSIGN_OR_RETURN(const auto proof, tlog::ConsistencyProof(before.size, covering.size,
                                                                   storage::Nodes(records.db())));
    std::string consistency;
    for (const Hash& hash : proof) consistency += tlog::FormatHash(hash) + "\n";
    files.push_back({"consistency", std::move(consistency), ""});
    files.push_back({"checkpoint", act->checkpoint, ""});
    files.push_back({"checkpoint.earlier", *std::move(earlier), ""});
    files.push_back({"vkey", site.record().log_vkey() + "\n", ""});
    files.push_back({"lot", request.lot_id() + "\n", ""});
    return files;
  });
}

Result<void> ReadBundleFiles(Site& site, std::size_t first, std::size_t bytes,
                             std::vector<BundleFile>* files) {
  const auto unread = [](const BundleFile& file) {
    return !file.blob_sha256.empty() && file.bytes.empty();
  };
  std::size_t ready = 0;
  std::size_t next = first;
  for (; next < files->size() && ready < bytes && !unread((*files)[next]); ++next) {
    ready += (*files)[next].bytes.size();
  }
  if (next == files->size() || ready >= bytes) return {};
  return site.store().Read([&](storage::Records& records) -> Result<void> {
    for (; next < files->size() && ready < bytes; ++next) {
      BundleFile& file = (*files)[next];
      if (unread(file)) {
        LIMS_ASSIGN_OR_RETURN(file.bytes, storage::GetBlob(records.db(), file.blob_sha256));
      }
      ready += file.bytes.size();
    }
    return {};
  });
}

}  // namespace lims::app
