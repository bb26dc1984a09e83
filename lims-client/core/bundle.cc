#include "core/bundle.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "base/encoding.h"
#include "base/json.h"
#include "core/files.h"

namespace lims::client {
namespace {

using nlohmann::json;

Error Malformed(const std::string& what) {
  return InvalidArgument("streams.json", what);
}

bool HasText(const json& object, const char* key) {
  return object.contains(key) && object[key].is_string();
}

bool HasNumber(const json& object, const char* key) {
  return object.contains(key) && object[key].is_number_unsigned() &&
         object[key].get<std::uint64_t>() < (std::uint64_t{1} << 53);
}

bool HasList(const json& object, const char* key) {
  return object.contains(key) && object[key].is_array();
}

Result<BundleEvent> ReadEvent(const json& object) {
  if (!object.is_object() || !HasNumber(object, "index") || !HasText(object, "leaf")) {
    return Malformed("an event needs an index and a leaf hash");
  }
  BundleEvent event;
  event.index = object["index"].get<std::int64_t>();
  const std::optional<Hash> leaf = HashFromHex(object["leaf"].get<std::string>());
  if (!leaf) return Malformed("event " + std::to_string(event.index) + ": malformed leaf hash");
  event.leaf = *leaf;
  event.redacted = !object.contains("entry");
  if (!event.redacted && object["entry"] != Bundle::EntryPath(event.index)) {
    return Malformed("event " + std::to_string(event.index) + ": its entry has another name");
  }
  return event;
}

// As an export writes it, without white space.
std::string AsWritten(const BundleList& list) {
  std::string text = "{\"lot\":";
  AppendJsonString(text, list.lot);
  text += ",\"export_index\":" + std::to_string(list.export_index) + ",\"streams\":[";
  for (const BundleStream& stream : list.streams) {
    text += &stream == list.streams.data() ? "{\"stream\":" : ",{\"stream\":";
    AppendJsonString(text, stream.name);
    text += ",\"head\":" + std::to_string(stream.head) + ",\"events\":[";
    for (const BundleEvent& event : stream.events) {
      text += &event == stream.events.data() ? "{\"index\":" : ",{\"index\":";
      text += std::to_string(event.index) + ",\"leaf\":\"" + HexEncode(event.leaf) + "\"";
      if (!event.redacted) text += ",\"entry\":\"" + Bundle::EntryPath(event.index) + "\"";
      text += "}";
    }
    text += "]}";
  }
  return text + "]}";
}

std::string WithoutSpace(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

}  // namespace

Result<std::string> Bundle::Read(const std::string& path) const {
  return ReadFile(folder_ / path);
}

Result<Bundle::Sizes> Bundle::Files() const {
  Sizes files;
  std::error_code error;
  std::error_code no_size;
  for (std::filesystem::recursive_directory_iterator i(folder_, error), end; !error && i != end;
       i.increment(error)) {
    // What a link names is no part of the bundle.
    const std::filesystem::file_status status = i->symlink_status(no_size);
    if (std::filesystem::is_directory(status)) continue;
    files[i->path().lexically_relative(folder_).generic_string()] =
        std::filesystem::is_regular_file(status) ? i->file_size(no_size) : kNoFile;
  }
  if (error) return InvalidArgument(folder_.string(), "cannot read the folder: " + error.message());
  return files;
}

Result<BundleList> Bundle::ReadList() const {
  LIMS_ASSIGN_OR_RETURN(const std::string text, Read("streams.json"));
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || !HasText(object, "lot") || !HasNumber(object, "export_index") ||
      !HasList(object, "streams")) {
    return Malformed("not the list of a bundle: lot, export_index and streams are needed");
  }
  BundleList list;
  list.lot = object["lot"].get<std::string>();
  list.export_index = object["export_index"].get<std::int64_t>();
  for (const json& element : object["streams"]) {
    if (!element.is_object() || !HasText(element, "stream") || !HasNumber(element, "head") ||
        !HasList(element, "events")) {
      return Malformed("a stream needs its name, head and events");
    }
    BundleStream stream;
    stream.name = element["stream"].get<std::string>();
    stream.head = element["head"].get<std::int64_t>();
    for (const json& item : element["events"]) {
      LIMS_ASSIGN_OR_RETURN(BundleEvent event, ReadEvent(item));
      stream.events.push_back(event);
    }
    list.streams.push_back(std::move(stream));
  }
  // A name that stands there twice, or one that means nothing, would be read in two ways.
  if (WithoutSpace(AsWritten(list)) != WithoutSpace(text)) {
    return Malformed("not written as an export writes it");
  }
  return list;
}

}  // namespace lims::client
