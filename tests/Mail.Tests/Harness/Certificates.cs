using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LlmObserve.Mail.Tests.Harness;

/// <summary>Where the server finds its key and certificate.</summary>
internal sealed record CertificateFiles(string Key, string Cert);

/// <summary>An authority of a test's own, and the certificate that it gives to localhost.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llmobserve-mail-test-");

    public Certificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=An authority of a test", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var root = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(root, now.AddDays(-1), now.AddDays(1), [1, 2, 3]);

        Authority = Write("authority.pem", root.ExportCertificatePem());
        Server = new CertificateFiles(Write("key.pem", key.ExportPkcs8PrivateKeyPem()), Write("certificate.pem", certificate.ExportCertificatePem()));
        Nothing = _folder.CreateSubdirectory("nothing").FullName;
    }

    /// <summary>The file of what to trust.</summary>
    public string Authority { get; }

    public CertificateFiles Server { get; }

    /// <summary>A folder without certificates.</summary>
    public string Nothing { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string pem)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, pem);
        return path;
    }
}
