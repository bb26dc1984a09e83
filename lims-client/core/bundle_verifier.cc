#include "core/bundle_verifier.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>

#include "base/encoding.h"
#include "base/sha256.h"
#include "core/bundle.h"
#include "core/bundle_records.h"
#include "core/history.h"
#include "core/render.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"
#include "tlog/lines.h"
#include "tlog/merkle.h"
#include "tlog/proof.h"
#include "tlog/stream_heads.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;
using tlog::FindingKind;

bool IsAccess(std::string_view stream) {
  return stream.starts_with("access/");
}

std::string WhyUnread(const std::string& path, const Error& error) {
  return path + (error.reason == ErrorReason::kNotFound ? " is missing" : ": " + error.message);
}

std::string WithoutLineBreak(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

class Verifier {
 public:
  Verifier(const std::filesystem::path& folder, const VerifyOptions& options)
      : bundle_(folder), options_(options) {}

  BundleReport Run() {
    const Result<Bundle::Sizes> files = bundle_.Files();
    if (files) {
      files_ = *files;
    } else {
      Add(FindingKind::kManifestMismatch, -1, "", files.error().message);
    }
    CheckCheckpoints();
    const Result<BundleList> list = bundle_.ReadList();
    if (!list) {
      Add(FindingKind::kManifestMismatch, -1, "", list.error().message);
      return report_;
    }
    report_.lot = list->lot;
    CheckLotFile();
    for (const BundleStream& stream : list->streams) CheckStream(stream);
    CheckExport(*list);
    report_.names_heads = details_.contains(tlog::kHeadsDetail);
    if (report_.names_heads) {
      CheckHeads(*list);
    } else {
      for (const BundleStream& stream : list->streams) CheckRedacted(stream);
    }
    const std::set<std::string> named =
        CheckRecords(bundle_, files_, list->lot, streams_, events_, &report_);
    CheckFiles(named);
    return report_;
  }

 private:
  void Add(FindingKind finding, std::int64_t index, const std::string& stream, std::string detail) {
    report_.findings.push_back({finding, index, stream, std::move(detail)});
  }

  // Reads a file that every bundle has; empty after a finding.
  std::string ReadOrAdd(const std::string& path, FindingKind finding) {
    expected_.insert(path);
    Result<std::string> bytes = bundle_.Read(path);
    if (bytes) return std::move(bytes).value();
    Add(finding, -1, "", WhyUnread(path, bytes.error()));
    return "";
  }

  std::optional<tlog::Checkpoint> OpenCheckpoint(const std::string& name, const std::string& note) {
    const Result<tlog::Checkpoint> checkpoint = tlog::OpenCheckpoint(note, *key_);
    if (checkpoint) return *checkpoint;
    Add(FindingKind::kCheckpointSignature, -1, "", name + ": " + checkpoint.error().message);
    return std::nullopt;
  }

  void CheckCheckpoints() {
    const std::string own = WithoutLineBreak(ReadOrAdd("vkey", FindingKind::kCheckpointSignature));
    report_.vkey = options_.vkey.value_or(own);
    if (report_.vkey != own) {
      Add(FindingKind::kCheckpointSignature, -1, "", "the bundle is of the log key " + own);
    }
    note_ = ReadOrAdd("checkpoint", FindingKind::kCheckpointSignature);
    const std::string earlier_note =
        ReadOrAdd("checkpoint.earlier", FindingKind::kCheckpointSignature);
    const std::string proof = ReadOrAdd("consistency", FindingKind::kCheckpointInconsistent);
    const Result<tlog::VerifierKey> key = tlog::ParseVkey(report_.vkey);
    if (!key) {
      Add(FindingKind::kCheckpointSignature, -1, "", "vkey: " + key.error().message);
      return;
    }
    key_ = *key;
    checkpoint_ = OpenCheckpoint("checkpoint", note_);
    const std::optional<tlog::Checkpoint> earlier =
        OpenCheckpoint("checkpoint.earlier", earlier_note);
    if (checkpoint_) report_.log_size = checkpoint_->size;
    if (earlier) report_.earlier_size = earlier->size;
    if (checkpoint_ && earlier && !IsConsistent(*earlier, proof)) {
      Add(FindingKind::kCheckpointInconsistent, -1, "",
          "checkpoint.earlier is not shown to be a prefix of checkpoint");
    }
    if (options_.checkpoint) CheckGiven(earlier);
  }

  bool IsConsistent(const tlog::Checkpoint& earlier, std::string_view text) const {
    std::vector<Hash> proof;
    while (!text.empty()) {
      const std::optional<std::string_view> line = tlog::TakeLine(&text);
      const std::optional<Hash> hash = line ? tlog::ParseHash(*line) : std::nullopt;
      if (!hash) return false;
      proof.push_back(*hash);
    }
    return earlier.size > 0 && tlog::VerifyConsistency(earlier.size, earlier.root,
                                                       checkpoint_->size, checkpoint_->root, proof);
  }

  void CheckGiven(const std::optional<tlog::Checkpoint>& earlier) {
    const std::optional<tlog::Checkpoint> given =
        OpenCheckpoint("the checkpoint given", *options_.checkpoint);
    if (!given) return;
    for (const std::optional<tlog::Checkpoint>& own : {earlier, checkpoint_}) {
      if (!own || own->size != given->size) continue;
      report_.compared = true;
      if (own->root != given->root) {
        Add(FindingKind::kCheckpointInconsistent, -1, "",
            "the checkpoint given shows another log of size " + std::to_string(given->size));
        return;
      }
    }
    if (!report_.compared) report_.not_covered = given->size;
  }

  void CheckLotFile() {
    const std::string lot = ReadOrAdd("lot", FindingKind::kManifestMismatch);
    if (WithoutLineBreak(lot) != report_.lot) {
      Add(FindingKind::kManifestMismatch, -1, "", "lot and streams.json name different lots");
    }
  }

  void CheckStream(const BundleStream& stream) {
    if (!streams_.insert(stream.name).second) {
      Add(FindingKind::kManifestMismatch, -1, stream.name, "the stream is listed twice");
      return;
    }
    ++report_.streams;
    const bool whole = static_cast<std::int64_t>(stream.events.size()) == stream.head + 1;
    if (!whole && !IsAccess(stream.name)) {
      Add(FindingKind::kStreamIncomplete, -1, stream.name,
          std::to_string(stream.events.size()) + " events are listed for the positions 0 to " +
              std::to_string(stream.head));
    }
    for (std::size_t i = 0; i < stream.events.size(); ++i) CheckEvent(stream, i, whole);
  }

  void CheckEvent(const BundleStream& stream, std::size_t place, bool whole) {
    const BundleEvent& listed = stream.events[place];
    ++report_.events;
    if (!indexes_.insert(listed.index).second) {
      Add(FindingKind::kManifestMismatch, listed.index, stream.name, "the event is listed twice");
    }
    if (place > 0 && stream.events[place - 1].index >= listed.index) {
      Add(FindingKind::kChainBroken, listed.index, stream.name, "the events are not in order");
    }
    CheckInclusion(stream.name, listed);
    if (listed.redacted) {
      ++report_.redacted;
      return;
    }
    const std::optional<v1::Event> event = ReadEvent(stream.name, listed);
    if (!event) return;
    const auto position = static_cast<std::int64_t>(place);
    const std::string prev = place == 0 ? "" : HexEncode(stream.events[place - 1].leaf);
    if (event->index() != listed.index || event->stream() != stream.name ||
        (whole && (event->pos() != position || event->prev() != prev))) {
      Add(FindingKind::kChainBroken, listed.index, stream.name,
          "the event says it is index " + std::to_string(event->index()) + ", " +
              Printable(event->stream()) + " position " + std::to_string(event->pos()) +
              (event->prev() == prev ? "" : ", after another event"));
    }
    events_[stream.name].push_back(*event);
  }

  std::optional<v1::Event> ReadEvent(const std::string& stream, const BundleEvent& listed) {
    const std::string path = Bundle::EntryPath(listed.index);
    expected_.insert(path);
    const Result<std::string> bytes = bundle_.Read(path);
    if (!bytes) {
      Add(FindingKind::kEntryMissing, listed.index, stream, WhyUnread(path, bytes.error()));
      return std::nullopt;
    }
    if (tlog::LeafHash(*bytes) != listed.leaf) {
      Add(FindingKind::kEntryAltered, listed.index, stream, path + " does not have the leaf hash");
      return std::nullopt;
    }
    v1::Event event;
    if (const Result<void> parsed = tlog::ParseCanonicalJson(*bytes, &event); !parsed) {
      Add(FindingKind::kEventMalformed, listed.index, stream, parsed.error().message);
      return std::nullopt;
    }
    return event;
  }

  void CheckInclusion(const std::string& stream, const BundleEvent& listed) {
    const std::string path = Bundle::ProofPath(listed.index);
    expected_.insert(path);
    if (!checkpoint_) return;  // nothing to prove it against, and a finding already
    const auto fail = [&](const std::string& detail) {
      Add(FindingKind::kNotIncluded, listed.index, stream, detail);
    };
    const Result<std::string> text = bundle_.Read(path);
    if (!text) return fail(WhyUnread(path, text.error()));
    const Result<tlog::TlogProof> proof = tlog::ParseTlogProof(*text);
    if (!proof) return fail(path + ": " + proof.error().message);
    const auto index = static_cast<std::uint64_t>(listed.index);
    if (proof->index != index || proof->checkpoint != note_) {
      return fail(path + " is the proof of something else");
    }
    if (!tlog::VerifyInclusion(index, checkpoint_->size, listed.leaf, proof->hashes,
                               checkpoint_->root)) {
      fail("the event is not in the log at this place");
    }
  }

  // The export is itself an event and names the lot's last one, so that none can be cut off.
  void CheckExport(const BundleList& list) {
    const auto mismatch = [&](std::string detail) {
      Add(FindingKind::kHeadMismatch, list.export_index, "lot/" + list.lot, std::move(detail));
    };
    const auto lot =
        std::find_if(list.streams.begin(), list.streams.end(),
                     [&](const auto& stream) { return stream.name == "lot/" + list.lot; });
    if (lot == list.streams.end() || lot->events.empty()) {
      Add(FindingKind::kStreamMissing, -1, "lot/" + list.lot, "the lot's own stream is missing");
      return;
    }
    const v1::Event* exported = nullptr;
    for (const auto& [stream, events] : events_) {
      for (const v1::Event& event : events) {
        if (IsAccess(stream) && event.index() == list.export_index) exported = &event;
      }
    }
    if (exported == nullptr || exported->act() != v1::ACT_EXPORT) {
      return mismatch("the event of the export is missing");
    }
    report_.exported = *exported;
    for (const v1::Detail& detail : exported->details()) details_[detail.name()] = detail.value();
    if (details_["lot"] != list.lot) return mismatch("the export is of another lot");
    const BundleEvent& head = lot->events.back();
    if (details_["head_pos"] != std::to_string(lot->head) ||
        details_["head_leaf"] != HexEncode(head.leaf) || head.index >= list.export_index) {
      mismatch("the export names position " + Printable(details_["head_pos"]) +
               " with another event as the lot's last");
    }
  }

  void AddMustNotBeLeftOut(const BundleEvent& event, const std::string& stream) {
    Add(FindingKind::kEntryMissing, event.index, stream, "this event must not be left out");
  }

  // The export names a hash of where every stream ends and of what is redacted in it.
  void CheckHeads(const BundleList& list) {
    const std::string text = ReadOrAdd("heads", FindingKind::kHeadMismatch);
    const std::optional<tlog::StreamEnds> ends = tlog::ParseHeads(text);
    if (!ends || HexEncode(Sha256(text)) != details_[tlog::kHeadsDetail]) {
      Add(FindingKind::kHeadMismatch, list.export_index, "",
          "heads is not the list that the export names");
      return;
    }
    for (const BundleStream& stream : list.streams) {
      if (IsAccess(stream.name)) continue;
      const auto named = ends->find(stream.name);
      if (named == ends->end()) {
        Add(FindingKind::kHeadMismatch, list.export_index, stream.name,
            "the export does not name this stream");
        continue;
      }
      const tlog::StreamEnd& end = named->second;
      if (stream.events.empty() || end.pos != stream.head ||
          end.leaf != stream.events.back().leaf) {
        Add(FindingKind::kHeadMismatch, list.export_index, stream.name,
            "the export names position " + std::to_string(end.pos) +
                " with another event as the last of this stream");
      }
      for (const BundleEvent& event : stream.events) {
        if (event.redacted &&
            !std::binary_search(end.redacted.begin(), end.redacted.end(), event.index)) {
          AddMustNotBeLeftOut(event, stream.name);
        }
      }
    }
    for (const auto& [stream, end] : *ends) {
      if (!streams_.contains(stream)) {
        Add(FindingKind::kStreamMissing, list.export_index, stream, "the export names this stream");
      }
    }
  }

  // An export of an earlier version does not say what it redacts. Other lots have positions in the
  // events that made the run and nowhere else, and no more of them than its map has beside those
  // that are shown. Days of the access log are other people's.
  void CheckRedacted(const BundleStream& stream) {
    if (IsAccess(stream.name)) return;
    std::int64_t end = 0;     // log index behind the events that made the run
    std::int64_t others = 0;  // positions that are not shown
    const std::vector<v1::Event>& shown = events_[stream.name];
    if (!shown.empty() && shown[0].pos() == 0 && shown[0].act() == v1::ACT_CREATE_RUN) {
      end = std::numeric_limits<std::int64_t>::max();
      for (const v1::Event& event : shown) {
        if (event.act_index() != shown[0].act_index()) end = std::min(end, event.index());
        for (const v1::Record& record : event.records()) {
          if (event.pos() == 0) others += record.run().position_count();
          if (record.has_run_position()) --others;
        }
      }
    }
    for (const BundleEvent& event : stream.events) {
      if (event.redacted && (event.index >= end || others-- <= 0)) {
        AddMustNotBeLeftOut(event, stream.name);
      }
    }
  }

  void CheckFiles(const std::set<std::string>& named_blobs) {
    constexpr std::string_view kBlobs = "blobs/";
    for (const auto& [file, size] : files_) {
      if (size == Bundle::kNoFile) {
        Add(FindingKind::kFileUnexpected, -1, "", Printable(file) + " is no regular file");
        continue;
      }
      if (expected_.contains(file)) continue;
      const std::string hash = file.starts_with(kBlobs) ? file.substr(kBlobs.size()) : "";
      if (hash.empty() || !named_blobs.contains(hash)) {
        Add(FindingKind::kFileUnexpected, -1, "", Printable(file) + " is named by nothing");
        continue;
      }
      ++report_.blobs;
      const Result<std::string> bytes = bundle_.Read(file);
      if (!bytes || HexEncode(Sha256(*bytes)) != hash) {
        Add(FindingKind::kBlobAltered, -1, "", file + " does not have its hash");
      }
    }
  }

  Bundle bundle_;
  const VerifyOptions& options_;
  BundleReport report_;
  std::optional<tlog::VerifierKey> key_;
  std::string note_;
  std::optional<tlog::Checkpoint> checkpoint_;
  Bundle::Sizes files_;
  std::set<std::string> expected_ = {"streams.json"};
  std::set<std::string> streams_;
  std::set<std::int64_t> indexes_;
  EventsByStream events_;
  std::map<std::string, std::string, std::less<>> details_;  // of the export
};

}  // namespace

BundleReport VerifyBundle(const std::filesystem::path& folder, const VerifyOptions& options) {
  return Verifier(folder, options).Run();
}

namespace {

ordered_json ExportJson(const v1::Event& event) {
  return {{"index", event.index()}, {"when", EventTime(event)}, {"who", event.actor().user_id()}};
}

}  // namespace

ordered_json ReportJson(const BundleReport& report) {
  ordered_json findings = ordered_json::array();
  for (const tlog::Finding& finding : report.findings) {
    findings.push_back(
        {{"finding", tlog::FindingName(finding.kind)},
         {"index", finding.index < 0 ? ordered_json(nullptr) : ordered_json(finding.index)},
         {"stream", finding.stream},
         {"detail", finding.detail}});
  }
  return {{"verified", report.findings.empty()},
          {"lot", report.lot},
          {"vkey", report.vkey},
          {"log_size", report.log_size},
          {"earlier_size", report.earlier_size},
          {"export", report.exported ? ExportJson(*report.exported) : ordered_json(nullptr)},
          {"checkpoint_compared", report.compared},
          {"checkpoint_not_covered",
           report.not_covered ? ordered_json(*report.not_covered) : ordered_json(nullptr)},
          {"every_stream_complete", report.names_heads && report.findings.empty()},
          {"streams", report.streams},
          {"events", report.events},
          {"redacted", report.redacted},
          {"signatures", report.signatures},
          {"blobs", report.blobs},
          {"sealed", report.sealed},
          {"findings", std::move(findings)}};
}

std::string RenderReport(const BundleReport& report) {
  std::string out;
  for (const tlog::Finding& finding : report.findings) {
    out += std::string(tlog::FindingName(finding.kind));
    if (finding.index >= 0) out += " index " + std::to_string(finding.index);
    if (!finding.stream.empty()) out += " " + Printable(finding.stream);
    out += ": " + Printable(finding.detail) + "\n";
  }
  out += report.findings.empty() ? "verified" : "NOT verified";
  out += ": lot " + Printable(report.lot) + ", " + std::to_string(report.events) + " events (" +
         std::to_string(report.redacted) + " redacted) in " + std::to_string(report.streams) +
         " streams, " + std::to_string(report.signatures) + " signatures, " +
         std::to_string(report.blobs) + " blobs\n";
  if (report.exported) {
    out += "as of " + Printable(EventTime(*report.exported)) + ", event " +
           std::to_string(report.exported->index()) + ", exported by " +
           Printable(report.exported->actor().user_id()) + ": newer events may exist" +
           (report.compared || report.not_covered
                ? ""
                : "; compare with --checkpoint, one that came another way") +
           "\n";
  }
  if (report.not_covered) {
    out += "NOT COMPARED with the checkpoint given, of size " +
           std::to_string(*report.not_covered) +
           ": the bundle has no proof from it, which shows nothing for or against; export the lot "
           "again with lims audit export --checkpoint FILE\n";
  }
  if (report.sealed > 0) {
    out += "sealed: " + std::to_string(report.sealed) +
           " first entries wait for the second and are in no bundle until it is made\n";
  }
  if (report.exported && !report.names_heads) {
    out +=
        "NOT PROVED COMPLETE: the export, of an earlier version, names the last event of the lot "
        "alone: that other streams are cut would not show; export the lot again\n";
  }
  return out + "log: size " + std::to_string(report.log_size) + ", extends size " +
         std::to_string(report.earlier_size) + "\nkey: " + Printable(report.vkey) + "\n";
}

int ExitCode(const BundleReport& report) {
  if (!report.findings.empty()) return 5;
  return report.names_heads && !report.not_covered ? 0 : 6;
}

}  // namespace lims::client
