using System.Diagnostics.Metrics;

namespace LlmObserve.Mail;

/// <summary>What became of mails; docs/telemetry.md says what each is for.</summary>
internal sealed class MailMetrics
{
    private readonly Counter<long> _mails;
    private readonly UpDownCounter<long> _waiting;

    public MailMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MailServices.MeterName);
        _mails = meter.CreateCounter<long>("llmobserve.mails", "{mail}", "Mails that ended, by kind and by what became of them");
        _waiting = meter.CreateUpDownCounter<long>("llmobserve.mail.waiting", "{mail}", "Mails that wait to be sent or tried again");
    }

    /// <summary>A mail has ended.</summary>
    public void Ended(MailKind kind, string outcome) =>
        _mails.Add(1, KeyValuePair.Create("mail.kind", (object?)Word(kind)), KeyValuePair.Create("outcome", (object?)outcome));

    /// <summary>So many wait more, or fewer.</summary>
    public void Waiting(int mails) => _waiting.Add(mails);

    private static string Word(MailKind kind) => kind switch
    {
        MailKind.Invitation => "invitation",
        MailKind.AddressVerification => "address_verification",
        MailKind.PasswordReset => "password_reset",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <summary>What becomes of a mail.</summary>
internal static class MailOutcomes
{
    public const string Sent = "sent";

    /// <summary>The server does not want it.</summary>
    public const string Refused = "refused";

    /// <summary>The last try failed.</summary>
    public const string Failed = "failed";

    /// <summary>Too many waited.</summary>
    public const string Overflow = "overflow";

    /// <summary>The process ended first.</summary>
    public const string Stopped = "stopped";
}
