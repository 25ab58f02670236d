using System.Buffers;
using System.Globalization;
using System.Text;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Http;

/// <summary>A line of CSV (RFC 4180), safe to open in a spreadsheet.</summary>
internal sealed class CsvLine
{
    public const string ContentType = "text/csv; charset=utf-8";

    private const string End = "\r\n";

    /// <summary>Without a mark at the beginning: programs read this more often than spreadsheets.</summary>
    public static readonly Encoding Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    /// <summary>What a spreadsheet takes for the beginning of a formula.</summary>
    private static readonly SearchValues<char> s_formula = SearchValues.Create("=+-@\t\r");

    private readonly StringBuilder _line = new();

    /// <summary>The first line of a file: the names of its columns, as they are written.</summary>
    public static string Header(params IEnumerable<string> columns) => string.Join(',', columns) + End;

    /// <summary>A text from anywhere; null is empty.</summary>
    public CsvLine Add(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return AddPlain("");
        }

        // An apostrophe makes it text: names are what somebody typed.
        var safe = s_formula.Contains(text[0]) ? "'" + text : text;
        return AddPlain(safe.AsSpan().ContainsAny(s_quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe);
    }

    public CsvLine Add(long number) => AddPlain(number.ToString(CultureInfo.InvariantCulture));

    public CsvLine Add(long? number) => AddPlain(number?.ToString(CultureInfo.InvariantCulture) ?? "");

    public CsvLine Add(decimal? number) => AddPlain(number?.ToString(CultureInfo.InvariantCulture) ?? "");

    /// <summary>Dollars as a decimal number.</summary>
    public CsvLine Add(Usd amount) => AddPlain(amount.ToString());

    /// <summary>In UTC, to the microsecond.</summary>
    public CsvLine Add(DateTimeOffset time) =>
        AddPlain(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>The line with its end.</summary>
    public override string ToString() => _line.Length == 0 ? End : _line.ToString(0, _line.Length - 1) + End;

    private CsvLine AddPlain(string field)
    {
        _line.Append(field).Append(',');
        return this;
    }
}
