using LlmObserve.Mail;
using Microsoft.Extensions.Configuration;

// What a process whose environment names certificates to trust does: sends one mail to the server that the environment names.
var options = MailOptions.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build(), "unused");
try
{
    await new SmtpMail(options.Smtp!).DeliverAsync(
        new OutgoingMail(MailKind.PasswordReset, "ada@example.com", "From a process", "Text"), CancellationToken.None);
    Console.Out.WriteLine("taken");
    return 0;
}
catch (MailNotTakenException failed)
{
    Console.Out.WriteLine(failed.Message);
    return 1;
}
