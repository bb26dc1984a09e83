#include "instrument/quantstudio_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/text.h"

namespace lims::instrument {

namespace {

constexpr std::size_t kMaxSections = 100;

std::string_view Trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

// Without the separators that a spreadsheet adds to short lines.
std::string_view WithoutSeparators(std::string_view line) {
  const std::size_t end = line.find_last_not_of(" \t,");
  return end == std::string_view::npos ? std::string_view() : line.substr(0, end + 1);
}

// The name in "[Results]", empty for any other line.
std::string_view SectionName(std::string_view line) {
  const std::string_view name = WithoutSeparators(line);
  if (name.size() < 3 || name.front() != '[' || name.back() != ']') return {};
  return name.substr(1, name.size() - 2);
}

// Takes the first line, with its line break, off `rest`.
std::string_view TakeLine(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end);
  if (!rest.empty()) rest.remove_prefix(rest.starts_with("\r\n") ? 2 : 1);
  return line;
}

void ReadHeadLine(std::string_view line, int number, QuantStudioText& file,
                  FileProblems& problems) {
  KeyValue pair;
  pair.line = number;
  if (line.starts_with('*') && SplitKeyValue(line.substr(1), pair)) {
    file.head.push_back(std::move(pair));
  } else if (!file.head.empty()) {
    std::string& value = file.head.back().value;
    value += value.empty() ? "" : " ";
    value += line;
  } else {
    problems.Add(number, 0,
                 "is no line of a QuantStudio text export, which begins with lines such as "
                 "\"* Block Type = 96-Well Block\"; check that it is the right file");
  }
}

}  // namespace

QuantStudioText SplitQuantStudioText(std::string_view text, FileProblems& problems) {
  QuantStudioText file;
  std::string_view rest = text;
  for (int number = 1; !rest.empty() && problems.empty() && file.head.size() <= kMaxStatements;
       ++number) {
    const std::string_view line = TakeLine(rest);
    const std::string_view name = SectionName(line);
    if (name.empty()) {
      const std::string_view content = WithoutSeparators(Trimmed(line));
      if (file.sections.empty() && !content.empty()) {
        ReadHeadLine(content, number, file, problems);
      }
      continue;
    }
    if (!file.sections.empty()) {
      Section& before = file.sections.back();
      before.body =
          before.body.substr(0, static_cast<std::size_t>(line.data() - before.body.data()));
    }
    for (const Section& section : file.sections) {
      if (section.name == name) {
        problems.Add(number, 0,
                     fmt::format("the section {} stands in line {} already; export the run again",
                                 QuotedForMessage(name), section.line));
      }
    }
    if (file.sections.size() == kMaxSections) {
      problems.Add(number, 0, "is one section too many for a QuantStudio text export");
      break;
    }
    file.sections.push_back({std::string(name), number, rest});
  }
  return file;
}

bool SplitKeyValue(std::string_view line, KeyValue& out) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return false;
  out.key = Trimmed(line.substr(0, equals));
  out.value = Trimmed(line.substr(equals + 1));
  return !out.key.empty();
}

std::string PlainHeader(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 4> kCyrillic{
      {{"\xd0\xa1", 'c'}, {"\xd1\x81", 'c'}, {"\xd0\xa2", 't'}, {"\xd1\x82", 't'}}};
  std::string plain;
  for (std::string_view rest = Trimmed(name); !rest.empty();) {
    const auto letter = std::find_if(kCyrillic.begin(), kCyrillic.end(), [rest](const auto& pair) {
      return rest.starts_with(pair.first);
    });
    if (letter != kCyrillic.end()) {
      plain += letter->second;
      rest.remove_prefix(letter->first.size());
    } else {
      plain += rest.front();
      rest.remove_prefix(1);
    }
  }
  return AsciiLower(plain);
}

std::string SnakeCase(std::string_view key) {
  std::string name;
  for (char c : PlainHeader(key)) {
    const bool kept = (c >= 'a' && c <= 'z') || IsDigit(c);
    if (kept) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  if (name.ends_with('_')) name.pop_back();
  return name;
}

}  // namespace lims::instrument
