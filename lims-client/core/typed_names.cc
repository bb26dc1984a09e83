#include "core/typed_names.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace lims::client {
namespace {

// Options whose name is not the beginning of the field's, and those of a part of what another one
// gives.
struct Alias {
  std::string_view field;
  std::string_view option;
  bool is_table = false;  // the option names a file with a row for each
};
constexpr Alias kAliases[] = {
    {"aliquot_id", "part"},
    {"attestations", "code"},
    {"attestations", "input", true},
    {"certificate_number", "number"},
    {"entries", "value"},
    {"entries", "input", true},
    {"entries.description", "description"},
    {"entries.input", "line"},
    {"entries.replicate", "replicate"},
    {"entries.unit", "unit"},
    {"exclusions", "exclude"},
    {"expiry", "expires"},
    {"facts", "input", true},
    {"facts.document", "document"},
    {"files", "input"},
    {"files.format", "format"},
    {"manufacture_time", "manufactured"},
    {"numbers", "readings"},
    {"panel", "line"},
    {"parameters", "param"},
    {"positions", "map", true},
    {"reason_code", "code"},
    {"sampling_point", "point"},
    {"since", "shift"},
    {"used", "use"},
};

// A part of a field's path: "entries[3]".
struct Part {
  std::string_view name;
  std::optional<std::size_t> index;
};

Part ParsePart(std::string_view text) {
  const std::size_t bracket = text.find('[');
  Part part{text.substr(0, bracket), std::nullopt};
  std::size_t index = 0;
  if (bracket != std::string_view::npos &&
      std::from_chars(text.data() + bracket + 1, text.data() + text.size(), index).ec ==
          std::errc()) {
    part.index = index;
  }
  return part;
}

// "late_reason" of --late-reason, "lot" of LOT.
std::string Stem(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  std::string stem(name);
  std::transform(stem.begin(), stem.end(), stem.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return stem;
}

struct Found {
  const TypedOption* option = nullptr;
  bool is_table = false;
};

// Of several options that could fill a field, the one that was given.
Found FindOption(std::string_view field, const std::vector<TypedOption>& options) {
  Found found;
  const auto consider = [&found](const TypedOption& option, bool is_table) {
    if (found.option == nullptr || (found.option->texts.empty() && !option.texts.empty())) {
      found = {&option, is_table};
    }
  };
  for (const Alias& alias : kAliases) {
    for (const TypedOption& option : options) {
      if (alias.field == field && alias.option == Stem(option.name)) {
        consider(option, alias.is_table);
      }
    }
  }
  for (const TypedOption& option : options) {
    const std::string stem = Stem(option.name);
    if (field == stem || field == stem + "s" || field.starts_with(stem + "_")) {
      consider(option, false);
    }
  }
  return found;
}

}  // namespace

std::string TypedName(const std::string& field, const std::vector<TypedOption>& options) {
  // A place in a file, "plate.csv, line 3", is no path.
  if (field.find(' ') < field.find('[')) return field;
  for (std::string_view rest = field; !rest.empty();) {
    const std::size_t dot = rest.find('.');
    const Part part = ParsePart(rest.substr(0, dot));
    rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
    const auto [option, is_table] = FindOption(part.name, options);
    if (option == nullptr) continue;
    const std::string inner(rest.substr(0, rest.find('.')));
    std::string name = option->name;
    if (is_table && part.index) {
      name += ", row " + std::to_string(*part.index + 1);
      const std::string column = inner == "sample_id" ? "sample" : inner;
      if (!column.empty()) name += ", " + column;
      return name;
    }
    if (const auto own = FindOption(std::string(part.name) + "." + inner, options); own.option) {
      return own.option->name;
    }
    if (option->several && part.index && *part.index < option->texts.size()) {
      const std::string& text = option->texts[*part.index];
      name += " " + text.substr(0, text.find('='));
    } else if (option->several && !part.index && !rest.empty()) {
      name += " " + std::string(rest);
    }
    if (rest.find(' ') != std::string_view::npos) name += ", " + std::string(rest);  // a place
    return name;
  }
  return field;
}

Error WithTypedNames(Error error, const std::vector<TypedOption>& options) {
  for (Violation& violation : error.violations) {
    const bool summed_up = error.message == Phrase(violation);
    violation.field = TypedName(violation.field, options);
    if (summed_up) error.message = Phrase(violation);
  }
  return error;
}

}  // namespace lims::client
