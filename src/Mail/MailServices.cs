using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Mail;

/// <summary>Adds what sends mails.</summary>
public static class MailServices
{
    /// <summary>The meter of everything that this project measures.</summary>
    public const string MeterName = "LlmObserve.Mail";

    /// <summary>Adds <see cref="MailQueue"/>, <see cref="IMailDelivery"/> and <see cref="PublicAddress"/>. Needs a <see cref="TimeProvider"/>.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="options">Where mails go.</param>
    /// <param name="address">What links begin with.</param>
    public static IServiceCollection AddMail(this IServiceCollection services, MailOptions options, PublicAddress address) =>
        services.AddMetrics().AddSingleton<MailMetrics>().AddSingleton(MailTimes.Default).AddSingleton(address)
            .AddSingleton<IMailDelivery>(provider => options.Smtp is { } smtp
                ? new SmtpMail(smtp)
                : new MailFiles(
                    options.Directory, MailOptions.FilesFrom, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MailFiles>>()))
            .AddSingleton(provider => new MailQueue(
                provider.GetRequiredService<IMailDelivery>(), provider.GetRequiredService<MailMetrics>(), provider.GetRequiredService<MailTimes>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MailQueue>>()))
            .AddHostedService(provider => provider.GetRequiredService<MailQueue>());
}
