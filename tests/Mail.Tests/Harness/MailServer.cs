using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmObserve.Mail.Tests.Harness;

/// <summary>What the server is to do.</summary>
internal sealed record MailServerOptions
{
    /// <summary>With STARTTLS.</summary>
    public CertificateFiles? Tls { get; init; }

    /// <summary>Takes mail of this user alone.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Its replies to the first recipients.</summary>
    public int[] Replies { get; init; } = [];

    /// <summary>How many mails it reads and never answers for.</summary>
    public int Hangs { get; init; }
}

/// <summary>A mail that the server took, as another reader than ours reads it.</summary>
internal sealed record TakenMail(
    string Raw, TakenAddress From, string[] To, bool HasCopies, string Subject, DateTimeOffset Date, string MessageId, string Type, string AutoSubmitted, string Text,
    object Html);

internal sealed record TakenAddress(string Name, string Address);

/// <summary>A line that the server tells.</summary>
internal sealed record Told(int? Port, string? Recipient, TakenMail? Mail, bool Secure, object? User, string[] Envelope);

/// <summary>The SMTP server of npm's <c>smtp-server</c>, in a process of its own.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly Process _process;

    private MailServer(Process process) => _process = process;

    public int Port { get; private set; }

    /// <summary>Every recipient that was offered so far, as far as it was read.</summary>
    public List<string> Recipients { get; } = [];

    public static async Task<MailServer> StartAsync(MailServerOptions? options = null)
    {
        var server = new MailServer(Node.Start("mail-server.mjs", JsonSerializer.Serialize(options ?? new MailServerOptions(), s_json)));
        server.Port = (await server.NextAsync()).Port!.Value;
        return server;
    }

    /// <summary>The next mail that it takes.</summary>
    public async Task<Told> MailAsync()
    {
        while (true)
        {
            var told = await NextAsync();
            if (told.Mail is not null)
            {
                return told;
            }

            Recipients.Add(told.Recipient!);
        }
    }

    /// <summary>Ends it, and gives what it had told by then and nobody had read.</summary>
    public async Task<List<Told>> EndAsync()
    {
        _process.StandardInput.Close();
        var rest = await _process.StandardOutput.ReadToEndAsync().WaitAsync(Node.Patience, TimeProvider.System);
        return [.. rest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)];
    }

    public ValueTask DisposeAsync()
    {
        _process.Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Told> NextAsync() =>
        Read(await _process.StandardOutput.ReadLineAsync().WaitAsync(Node.Patience, TimeProvider.System)
            ?? throw new InvalidOperationException("The mail server has ended."));

    private static Told Read(string line) => JsonSerializer.Deserialize<Told>(line, s_json)!;
}
