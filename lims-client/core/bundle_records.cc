#include "core/bundle_records.h"

#include <optional>

#include "lims/v1/release.pb.h"
#include "tlog/event_bytes.h"
#include "tlog/named_files.h"
#include "tlog/note.h"
#include "tlog/signature_note.h"

namespace lims::client {
namespace {

using tlog::FindingKind;

// A key that was recorded at a log index.
using KeyHistory = std::map<std::int64_t, std::string>;

class RecordCheck {
 public:
  RecordCheck(const Bundle& bundle, const Bundle::Sizes& files, const std::string& lot,
              const std::set<std::string>& streams, const EventsByStream& events,
              BundleReport* report)
      : bundle_(bundle),
        files_(files),
        lot_(lot),
        streams_(streams),
        events_(events),
        report_(report) {}

  std::set<std::string> Run() {
    CollectKeys();
    CollectSeals();
    CheckReferences();
    for (const auto& [stream, events] : events_) {
      for (const v1::Event& event : events) {
        for (const v1::Record& record : event.records()) CheckRecord(event, record);
      }
    }
    return blobs_;
  }

 private:
  void Add(FindingKind finding, const v1::Event& event, std::string detail) {
    report_->findings.push_back({finding, event.index(), event.stream(), std::move(detail)});
  }

  void CollectKeys() {
    for (const auto& [stream, events] : events_) {
      for (const v1::Event& event : events) {
        for (const v1::Record& record : event.records()) {
          if (record.has_user() && stream == "user/" + record.user().user_id()) {
            user_keys_[record.user().user_id()][event.index()] = record.user().vkey();
          }
          if (record.has_site() && stream == "site") {
            site_keys_[event.index()] = record.site().signature_vkey();
            origin_ = record.site().origin();
          }
          if (record.has_specification_line()) {
            const v1::SpecificationLine& line = record.specification_line();
            line_methods_[line.line_code()].insert(line.method_id());
          }
        }
      }
    }
  }

  void CollectSeals() {
    tlog::WaitingSeals seals;
    for (const auto& [stream, events] : events_) {
      for (const v1::Event& event : events) {
        for (const v1::Record& record : event.records()) seals.Add(record);
      }
    }
    // Earlier versions exported them.
    for (const std::string& sha256 : seals.Hashes()) {
      if (!files_.contains(Bundle::BlobPath(sha256))) left_out_.insert(sha256);
    }
    report_->sealed = static_cast<std::int64_t>(left_out_.size());
  }

  void Need(const std::string& stream, const v1::Event& event) {
    if (!streams_.contains(stream) && missing_.insert(stream).second) {
      Add(FindingKind::kStreamMissing, event, "names the stream " + stream);
    }
  }

  void NeedUser(const std::string& user, const v1::Event& event) {
    if (!user.empty()) Need("user/" + user, event);
  }

  void CheckReferences() {
    const auto own = events_.find("lot/" + lot_);
    if (own == events_.end()) return;
    for (const v1::Event& event : own->second) {
      NeedUser(event.actor().user_id(), event);
      for (const v1::Record& record : event.records()) CheckReferences(event, record);
    }
    for (const std::string& run : runs_) {
      const auto events = events_.find(run);
      if (events == events_.end()) continue;
      for (const v1::Event& event : events->second) NeedUser(event.actor().user_id(), event);
    }
  }

  void CheckReferences(const v1::Event& event, const v1::Record& record) {
    if (record.has_lot()) {
      const v1::Lot& lot = record.lot();
      Need("specification/" + lot.product_id() + "/" + std::to_string(lot.specification_revision()),
           event);
      for (const v1::LotParent& parent : lot.parents()) Need("lot/" + parent.lot_id(), event);
    }
    if (record.has_attempt()) {
      Need("method/" + record.attempt().method_id(), event);
      const std::string run = "run/" + record.attempt().run_id();
      Need(run, event);
      runs_.insert(run);
    }
    if (record.has_result()) {
      for (const std::string& method : line_methods_[record.result().line_code()]) {
        Need("method/" + method, event);
      }
    }
  }

  void CheckRecord(const v1::Event& event, const v1::Record& record) {
    if (record.has_signature()) CheckSignature(event, record.signature());
    for (const tlog::NamedFile& file : tlog::NamedFiles(record)) {
      if (!left_out_.contains(file.sha256)) CheckBlob(event, file.sha256, file.size_bytes);
    }
  }

  // False when it is missing.
  bool CheckBlob(const v1::Event& event, const std::string& sha256, std::int64_t size) {
    const bool known = !blobs_.insert(sha256).second;
    const auto file = files_.find(Bundle::BlobPath(sha256));
    if (file == files_.end()) {
      if (!known) Add(FindingKind::kBlobMissing, event, "the blob " + sha256 + " is missing");
    } else if (file->second != static_cast<std::uintmax_t>(size)) {
      Add(FindingKind::kBlobAltered, event, "the blob " + sha256 + " has another size");
    }
    return file != files_.end();
  }

  // The key that was valid when the event was recorded.
  static std::optional<tlog::VerifierKey> KeyBefore(const KeyHistory& keys, std::int64_t index) {
    const auto after = keys.lower_bound(index);
    if (after == keys.begin()) return std::nullopt;
    const Result<tlog::VerifierKey> key = tlog::ParseVkey(std::prev(after)->second);
    if (!key) return std::nullopt;
    return *key;
  }

  void CheckSignature(const v1::Event& event, const v1::Signature& signature) {
    ++report_->signatures;
    NeedUser(signature.user_id(), event);
    NeedUser(signature.session_user_id(), event);
    Need("site", event);
    const auto invalid = [&](const std::string& detail) {
      Add(FindingKind::kSignatureInvalid, event,
          "signature " + signature.signature_id() + ": " + detail);
    };
    if (signature.subject() != event.stream()) invalid("signs for another record");

    const Result<tlog::Note> note = tlog::ParseNote(signature.note());
    if (!note) {
      invalid("its note is malformed: " + note.error().message);
    } else {
      const std::optional<tlog::VerifierKey> signer =
          KeyBefore(user_keys_[signature.user_id()], event.index());
      if (!signer || !tlog::VerifyNote(*note, *signer)) {
        invalid("not signed with the key of " + signature.user_id());
      }
      const std::optional<tlog::VerifierKey> server = KeyBefore(site_keys_, event.index());
      if (!server || !tlog::VerifyNote(*note, *server)) invalid("not signed by the server");
    }
    CheckManifest(event, signature, note ? note->text : "", invalid);
  }

  // The manifest, and the note that is made again from it and the signature.
  template <typename Invalid>
  void CheckManifest(const v1::Event& event, const v1::Signature& signature,
                     const std::string& note_text, const Invalid& invalid) {
    if (!CheckBlob(event, signature.manifest_sha256(), signature.manifest_bytes())) return;
    const Result<std::string> bytes = bundle_.Read(Bundle::BlobPath(signature.manifest_sha256()));
    if (!bytes) return;  // found with its hash, when all blobs are read
    v1::Manifest manifest;
    if (!tlog::ParseCanonicalJson(*bytes, &manifest)) {
      invalid("its manifest is malformed");
    } else if (manifest.subject() != signature.subject() ||
               manifest.meaning() != signature.meaning() ||
               manifest.signature_id() != signature.signature_id()) {
      invalid("its manifest was made for something else");
    } else if (note_text !=
               tlog::SignatureNoteText(origin_, signature, manifest,
                                       {event.time_us(), event.zone(), event.zone_offset_minutes(),
                                        event.terminal_sha256()})) {
      invalid("its note says something else than the event and the manifest");
    }
  }

  const Bundle& bundle_;
  const Bundle::Sizes& files_;
  const std::string& lot_;
  const std::set<std::string>& streams_;
  const EventsByStream& events_;
  BundleReport* report_;
  std::map<std::string, KeyHistory> user_keys_;
  KeyHistory site_keys_;
  std::string origin_;
  std::map<std::string, std::set<std::string>> line_methods_;
  std::set<std::string> runs_;
  std::set<std::string> missing_;
  std::set<std::string> blobs_;
  std::set<std::string> left_out_;  // sealed first entries that wait
};

}  // namespace

std::set<std::string> CheckRecords(const Bundle& bundle, const Bundle::Sizes& files,
                                   const std::string& lot, const std::set<std::string>& streams,
                                   const EventsByStream& events, BundleReport* report) {
  return RecordCheck(bundle, files, lot, streams, events, report).Run();
}

}  // namespace lims::client
