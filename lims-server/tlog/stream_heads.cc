#include "tlog/stream_heads.h"

#include "base/encoding.h"
#include "tlog/lines.h"

namespace lims::tlog {
namespace {

constexpr std::uint64_t kNumbers = std::uint64_t{1} << 53;  // positions and indexes are below it

// Cuts what stands before the first `separator` off `text`; all of it when there is none.
std::string_view TakeUntil(char separator, std::string_view* text) {
  const std::size_t end = text->find(separator);
  const std::string_view taken = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return taken;
}

std::optional<std::int64_t> TakeNumber(char separator, std::string_view* text) {
  const std::optional<std::uint64_t> number = ParseNumber(TakeUntil(separator, text));
  if (!number || *number >= kNumbers) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace

std::string FormatHeads(const StreamEnds& ends) {
  std::string text;
  for (const auto& [stream, end] : ends) {
    text += std::to_string(end.pos) + " " + HexEncode(end.leaf) + " ";
    if (end.redacted.empty()) text += "-";
    for (std::size_t i = 0; i < end.redacted.size(); ++i) {
      text += (i == 0 ? "" : ",") + std::to_string(end.redacted[i]);
    }
    text += " " + stream + "\n";
  }
  return text;
}

std::optional<StreamEnds> ParseHeads(std::string_view text) {
  StreamEnds ends;
  for (std::string_view rest = text; !rest.empty();) {
    std::optional<std::string_view> line = TakeLine(&rest);
    if (!line) return std::nullopt;
    StreamEnd end;
    const std::optional<std::int64_t> pos = TakeNumber(' ', &*line);
    const std::optional<Hash> leaf = HashFromHex(TakeUntil(' ', &*line));
    if (!pos || !leaf) return std::nullopt;
    end.pos = *pos;
    end.leaf = *leaf;
    std::string_view redacted = TakeUntil(' ', &*line);
    while (redacted != "-" && !redacted.empty()) {
      const std::optional<std::int64_t> index = TakeNumber(',', &redacted);
      if (!index) return std::nullopt;
      end.redacted.push_back(*index);
    }
    ends.insert_or_assign(std::string(*line), std::move(end));
  }
  // One spelling: no order, number or blank of its own.
  if (FormatHeads(ends) != text) return std::nullopt;
  return ends;
}

}  // namespace lims::tlog
