#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "app/audit.h"
#include "base/encoding.h"
#include "base/json.h"
#include "storage/log.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"
#include "tlog/lines.h"
#include "tlog/named_files.h"
#include "tlog/proof.h"

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

class Bundle {
 public:
  // `size`: events that the checkpoint covers.
  Bundle(storage::Records& records, std::string lot_id, std::int64_t export_index,
         std::int64_t size)
      : records_(records), lot_id_(std::move(lot_id)), export_index_(export_index), size_(size) {}

  // Adds a stream from its start to the export.
  Result<void> AddStream(const std::string& stream) {
    if (streams_.contains(stream)) return {};
    std::vector<BundleEvent>& events = streams_[stream];
    LIMS_ASSIGN_OR_RETURN(auto entries,
                          storage::StreamEntries(records_.db(), stream, 0, storage::kWholeStream));
    for (storage::StreamEntry& stored : entries) {
      if (stored.index > export_index_) break;
      BundleEvent entry;
      LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(stored.bytes, &entry.event));
      entry.leaf = tlog::LeafHash(stored.bytes);
      entry.shown = IsShown(entry.event, lot_id_);
      entry.bytes = std::move(stored.bytes);
      events.push_back(std::move(entry));
    }
    return {};
  }

  // Adds one event of a stream that is not the lot's: the export itself.
  Result<void> AddEvent(const std::string& stream, std::int64_t index) {
    LIMS_ASSIGN_OR_RETURN(auto entries, storage::Entries(records_.db(), index, 1));
    if (entries.empty()) return NotFound("event " + std::to_string(index));
    BundleEvent entry;
    LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entries[0].bytes, &entry.event));
    entry.leaf = entries[0].leaf;
    entry.bytes = std::move(entries[0].bytes);
    streams_[stream].push_back(std::move(entry));
    return {};
  }

  // Every stream that the lot's own records name.
  Result<void> AddNamedStreams() {
    std::set<std::string> named = {"site"};
    LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Get<v1::Lot>({lot_id_}));
    named.insert("product/" + lot.record.product_id());
    named.insert("specification/" + lot.record.product_id() + "/" +
                 std::to_string(lot.record.specification_revision()));
    LIMS_RETURN_IF_ERROR(AddAncestors(lot.record, &named));
    std::set<std::string> approvals;
    LIMS_ASSIGN_OR_RETURN(const auto facts, records_.List<v1::LotFact>({lot_id_}));
    for (const auto& fact : facts) {
      LIMS_ASSIGN_OR_RETURN(const auto other, records_.Find<v1::Lot>({fact.record.value()}));
      if (other) named.insert("lot/" + fact.record.value());
    }
    LIMS_ASSIGN_OR_RETURN(const auto attempts, records_.List<v1::Attempt>({lot_id_}));
    for (const auto& attempt : attempts) {
      named.insert("run/" + attempt.record.run_id());
      named.insert("method/" + attempt.record.method_id());
      LIMS_ASSIGN_OR_RETURN(
          const auto method,
          records_.Get<v1::Method>({attempt.record.method_id(), attempt.record.method_version()}));
      approvals.insert(method.record.approval_signature_id());
    }
    for (const std::string& id : approvals) {
      LIMS_ASSIGN_OR_RETURN(const auto signature, records_.Find<v1::Signature>({id}));
      if (signature) named.insert(signature->record.subject());
    }
    for (const std::string& stream : named) LIMS_RETURN_IF_ERROR(AddStream(stream));
    // Everybody who acted or signed in what is shown, so that roles and keys can be checked.
    std::set<std::string> people;
    for (const auto& [stream, events] : streams_) {
      for (const BundleEvent& entry : events) {
        if (!entry.event.actor().user_id().empty()) people.insert(entry.event.actor().user_id());
      }
    }
    for (const std::string& user : people) LIMS_RETURN_IF_ERROR(AddStream("user/" + user));
    return {};
  }

  Result<std::vector<BundleFile>> Files(const std::string& checkpoint_note) {
    std::vector<BundleFile> files;
    std::set<std::string> blobs;
    const tlog::NodeReader nodes = Remembering(storage::Nodes(records_.db()));
    std::string index = "{\"lot\":";
    AppendJsonString(index, lot_id_);
    index += ",\"export_index\":" + std::to_string(export_index_) + ",\"streams\":[";
    bool first_stream = true;
    for (const auto& [stream, events] : streams_) {
      index += first_stream ? "\n{\"stream\":" : ",\n{\"stream\":";
      first_stream = false;
      AppendJsonString(index, stream);
      index += ",\"head\":" + std::to_string(events.empty() ? -1 : events.back().event.pos());
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
        LIMS_ASSIGN_OR_RETURN(
            proof.hashes,
            tlog::InclusionProof(proof.index, static_cast<std::uint64_t>(size_), nodes));
        files.push_back({"proofs/" + number, tlog::FormatTlogProof(proof), ""});
      }
      index += "]}";
    }
    index += "]}\n";
    files.push_back({"streams.json", std::move(index), ""});
    for (const std::string& sha256 : blobs) {
      LIMS_ASSIGN_OR_RETURN(const bool held, storage::HasBlob(records_.db(), sha256));
      if (!held) return NotFound("file " + sha256);
      files.push_back({"blobs/" + sha256, "", sha256});
    }
    return files;
  }

  std::int64_t FirstIndex(const std::string& stream) const {
    const auto found = streams_.find(stream);
    return found == streams_.end() || found->second.empty() ? 0 : found->second[0].event.index();
  }

 private:
  Result<void> AddAncestors(const v1::Lot& lot, std::set<std::string>* named) {
    for (const v1::LotParent& parent : lot.parents()) {
      if (!named->insert("lot/" + parent.lot_id()).second) continue;
      LIMS_ASSIGN_OR_RETURN(const auto found, records_.Find<v1::Lot>({parent.lot_id()}));
      if (found) LIMS_RETURN_IF_ERROR(AddAncestors(found->record, named));
    }
    return {};
  }

  storage::Records& records_;
  const std::string lot_id_;
  const std::int64_t export_index_;
  const std::int64_t size_;
  std::map<std::string, std::vector<BundleEvent>> streams_;
};

}  // namespace

Result<std::vector<BundleFile>> ExportLot(Site& site, const Call& call,
                                          const v1::ExportLotRequest& request) {
  const std::string stream = "lot/" + request.lot_id();
  LIMS_ASSIGN_OR_RETURN(std::string fingerprint, Fingerprint(call.method, request));
  // The export is itself an event that names the lot's head: what comes later is not part of it.
  LIMS_ASSIGN_OR_RETURN(
      const storage::RecordedAct act,
      site.writer().Execute(
          InfoOf(call, v1::ACT_EXPORT, request.request_id(), std::move(fingerprint)),
          [&](storage::Transaction& tx) -> Result<void> {
            LIMS_RETURN_IF_ERROR(Authorise(tx, call));
            LIMS_RETURN_IF_ERROR(tx.records().Get<v1::Lot>({request.lot_id()}));
            LIMS_ASSIGN_OR_RETURN(const auto head, tx.HeadOf(stream));
            if (!head) return NotFound("stream " + stream);
            tx.Note(site.AccessStream(tx.now()), {{"lot", request.lot_id()},
                                                  {"head_pos", std::to_string(head->pos)},
                                                  {"head_leaf", HexEncode(head->leaf)}});
            return {};
          }));
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, tlog::ParseVkey(site.record().log_vkey()));
  return site.store().Read([&](storage::Records& records) -> Result<std::vector<BundleFile>> {
    LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint covering,
                          tlog::OpenCheckpoint(act.checkpoint, key));
    Bundle bundle(records, request.lot_id(), act.first_index,
                  static_cast<std::int64_t>(covering.size));
    LIMS_RETURN_IF_ERROR(bundle.AddStream(stream));
    LIMS_RETURN_IF_ERROR(bundle.AddNamedStreams());
    LIMS_RETURN_IF_ERROR(bundle.AddEvent(act.events[0].stream(), act.first_index));
    LIMS_ASSIGN_OR_RETURN(std::vector<BundleFile> files, bundle.Files(act.checkpoint));
    const std::int64_t wanted =
        request.earlier_size() > 0 ? request.earlier_size() : bundle.FirstIndex(stream) + 1;
    LIMS_ASSIGN_OR_RETURN(
        auto earlier, storage::StoredCheckpoint(records.db(), std::min(wanted, act.first_index)));
    if (!earlier) earlier = act.checkpoint;
    LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint before, tlog::OpenCheckpoint(*earlier, key));
    LIMS_ASSIGN_OR_RETURN(const auto proof, tlog::ConsistencyProof(before.size, covering.size,
                                                                   storage::Nodes(records.db())));
    std::string consistency;
    for (const Hash& hash : proof) consistency += tlog::FormatHash(hash) + "\n";
    files.push_back({"consistency", std::move(consistency), ""});
    files.push_back({"checkpoint", act.checkpoint, ""});
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
