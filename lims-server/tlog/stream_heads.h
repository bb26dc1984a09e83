// The file `heads` of a bundle: how far each of its streams goes and which events it gives as leaf
// hashes only. The event of the export names its SHA-256, so that nothing can be cut or withheld.
#ifndef LIMS_TLOG_STREAM_HEADS_H_
#define LIMS_TLOG_STREAM_HEADS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"

namespace lims::tlog {

// Name of the event's detail: SHA-256 of the file, hex. Exports of earlier versions have none.
inline constexpr char kHeadsDetail[] = "heads_sha256";

struct StreamEnd {
  std::int64_t pos = 0;                     // position of the stream's last event
  Hash leaf{};                              // its leaf hash
  std::vector<std::int64_t> redacted = {};  // log indexes, in order
};

using StreamEnds = std::map<std::string, StreamEnd, std::less<>>;  // by stream

// One line a stream, in the order of their names: position, leaf hash in hex, the indexes of what
// is redacted ("280,281", or "-" for none), name; a blank between them.
std::string FormatHeads(const StreamEnds& ends);
// nullopt for what FormatHeads() does not write.
std::optional<StreamEnds> ParseHeads(std::string_view text);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_STREAM_HEADS_H_
