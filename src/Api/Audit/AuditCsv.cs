using System.Buffers;
using System.Globalization;
using System.Text;
using LlmObserve.Storage.Audit;

namespace LlmObserve.Api.Audit;

/// <summary>Entries of the audit log as CSV (RFC 4180), safe to open in a spreadsheet.</summary>
internal static class AuditCsv
{
    public const string ContentType = "text/csv; charset=utf-8";

    public const string Header =
        "id,at,actor_kind,actor_id,actor_name,action,object_kind,object_id,object_name,scope,ip,request_id,before,after\r\n";

    /// <summary>Without a mark at the beginning: programs read this more often than spreadsheets.</summary>
    public static readonly Encoding Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    /// <summary>What a spreadsheet takes for the beginning of a formula.</summary>
    private static readonly SearchValues<char> s_formula = SearchValues.Create("=+-@\t\r");

    public static string Line(AuditRow row)
    {
        var line = new StringBuilder();
        Add(line, row.Id.ToString("N"));
        Add(line, row.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        Add(line, row.ActorKind);
        Add(line, row.ActorId);
        Add(line, row.ActorName);
        Add(line, row.Action);
        Add(line, row.ObjectKind);
        Add(line, row.ObjectId);
        Add(line, row.ObjectName);
        Add(line, row.IsInstallation ? "installation" : "account");
        Add(line, row.Ip);
        Add(line, row.RequestId);
        Add(line, row.Before);
        Add(line, row.After);
        line.Length--;
        return line.Append("\r\n").ToString();
    }

    private static void Add(StringBuilder line, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            // An apostrophe makes it text: names are what somebody typed.
            var safe = s_formula.Contains(value[0]) ? "'" + value : value;
            if (safe.AsSpan().ContainsAny(s_quoted))
            {
                line.Append('"').Append(safe.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                line.Append(safe);
            }
        }

        line.Append(',');
    }
}
