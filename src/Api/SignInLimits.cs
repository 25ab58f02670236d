using System.Globalization;
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
    /// <exception cref="FormatException">Values cannot be; the message names all of them, a line each.</exception>
    public static SignInLimits Read(IConfiguration configuration)
    {
        var faults = new List<string>();
        var limits = new SignInLimits(
            Number("LLMOBSERVE_SIGNUPS_PER_IP_HOUR", Default.SignUpsPerIpHour),
            Number("LLMOBSERVE_SIGNIN_FAILURES_PER_IP", Default.FailuresPerIp),
            Number("LLMOBSERVE_MAILS_PER_IP_HOUR", Default.MailsPerIpHour));
        return faults.Count == 0 ? limits : throw new FormatException(string.Join('\n', faults));

        int Number(string name, int otherwise)
        {
            if (configuration[name] is not { } text || string.IsNullOrWhiteSpace(text))
            {
                return otherwise;
            }

            if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most)
            {
                return number;
            }

            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from 1 to {Most}, not '{text}'."));
            return otherwise;
        }
    }
}
