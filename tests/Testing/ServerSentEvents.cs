using System.Text;
using System.Text.Json;

namespace LlmObserve.Testing;

/// <summary>One server-sent event, or a comment, of which only <paramref name="Data"/> is set.</summary>
public sealed record ServerSentEvent(string Name, string Id, string Data)
{
    public bool IsComment => Name.Length == 0;

    /// <summary>The data as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Data);
}

/// <summary>Reads a stream of server-sent events as it comes.</summary>
public sealed class ServerSentEvents(Stream stream) : IDisposable
{
    public const string ContentType = "text/event-stream";

    private readonly StreamReader _lines = new(stream, Encoding.UTF8);

    /// <summary>What the stream said of how long to wait before coming back, in milliseconds.</summary>
    public int? RetryMs { get; private set; }

    /// <summary>The next event or comment; null where the stream has ended.</summary>
    public async Task<ServerSentEvent?> NextAsync()
    {
        var (name, id, data) = ("", "", (string?)null);
        while (await _lines.ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return new ServerSentEvent(name, id, data);
                }
            }
            else if (line[0] == ':')
            {
                return new ServerSentEvent("", "", line[1..]);
            }
            else
            {
                var (field, value) = (line[..line.IndexOf(": ", StringComparison.Ordinal)], line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
                switch (field)
                {
                    case "event": name = value; break;
                    case "id": id = value; break;
                    case "data": data = value; break;
                    case "retry": RetryMs = int.Parse(value); break;
                    default: throw new FormatException(line);
                }
            }
        }

        return null;
    }

    /// <summary>The next event, whatever comments come before it.</summary>
    public async Task<ServerSentEvent?> NextEventAsync()
    {
        while (await NextAsync() is { } next)
        {
            if (!next.IsComment)
            {
                return next;
            }
        }

        return null;
    }

    public void Dispose() => _lines.Dispose();
}
