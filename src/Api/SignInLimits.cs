using Microsoft.Extensions.Configuration;

namespace LlmObserve.Api;

/// <summary>How much one network may try. Many people may share one: an office, a school, a mobile carrier.</summary>
/// <param name="SignUpsPerIpHour">Sign-ups an hour.</param>
/// <param name="FailuresPerIp">Wrong passwords in 15 minutes.</param>
/// <param name="MailsPerIpHour">Mails with links an hour.</param>
public sealed record SignInLimits(int SignUpsPerIpHour, int FailuresPerIp, int MailsPerIpHour)
{
    /// <summary>
    /// A class of students signs up in an hour, an office mistypes on a Monday; somebody who tries one password with many addresses gets through
    /// a few thousand a day, of which none is guessed first.
    /// </summary>
    public static readonly SignInLimits Default = new(SignUpsPerIpHour: 100, FailuresPerIp: 50, MailsPerIpHour: 30);

    /// <summary>Each attempt that counts is remembered by its time, in eight bytes.</summary>
    private const int Most = 100_000;

    /// <summary>Reads the environment. What is empty is not set.</summary>
    /// <exception cref="FormatException">A value cannot be; the message names it.</exception>
    public static SignInLimits Read(IConfiguration configuration) => new(
        Number(configuration, "LLMOBSERVE_SIGNUPS_PER_IP_HOUR", Default.SignUpsPerIpHour),
        Number(configuration, "LLMOBSERVE_SIGNIN_FAILURES_PER_IP", Default.FailuresPerIp),
        Number(configuration, "LLMOBSERVE_MAILS_PER_IP_HOUR", Default.MailsPerIpHour));

    private static int Number(IConfiguration configuration, string name, int otherwise) =>
        configuration[name] is not { } text || string.IsNullOrWhiteSpace(text) ? otherwise
        : int.TryParse(text, out var number) && number is > 0 and <= Most ? number
        : throw new FormatException($"{name} must be a whole number from 1 to {Most}, not '{text}'.");
}
