// Result<T>: a value or an Error, with the member names of std::expected so that an alias can
// replace it once the compiler has that.
#ifndef LIMS_BASE_RESULT_H_
#define LIMS_BASE_RESULT_H_

#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "base/error.h"

namespace lims {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  const T& value() const& {
    Require(has_value());
    return std::get<0>(state_);
  }
  T& value() & {
    Require(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    Require(has_value());
    return std::get<0>(std::move(state_));
  }
  const Error& error() const& {
    Require(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    Require(!has_value());
    return std::get<1>(std::move(state_));
  }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  static void Require(bool holds) {
    // A programmer's error, which ends one request and not the server.
    if (!holds) throw std::logic_error("the other alternative of a result was taken");
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace lims

// Leaves the function with the error of `expression`, a Result of any type.
#define LIMS_RETURN_IF_ERROR(expression)                                                      \
  do {                                                                                        \
    if (auto lims_result = (expression); !lims_result) return std::move(lims_result).error(); \
  } while (false)

#define LIMS_CONCAT_INNER(a, b) a##b
#define LIMS_CONCAT(a, b) LIMS_CONCAT_INNER(a, b)

// Binds the value of `expression` to `target` (declaration or lvalue) or leaves with its error.
#define LIMS_ASSIGN_OR_RETURN(target, expression) \
  LIMS_ASSIGN_OR_RETURN_IMPL(LIMS_CONCAT(lims_result_, __LINE__), target, expression)
#define LIMS_ASSIGN_OR_RETURN_IMPL(result, target, expression) \
  auto result = (expression);                                  \
  if (!result) return std::move(result).error();               \
  target = std::move(result).value()

#endif  // LIMS_BASE_RESULT_H_
