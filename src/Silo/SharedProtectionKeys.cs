using System.Xml.Linq;
using LlmObserve.Storage.SharedKeys;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace LlmObserve.Silo;

/// <summary>Keeps the keys of the dashboard's cookies and forms in the database, so that any process of a cluster reads what another wrote.</summary>
internal sealed class SharedProtectionKeys(SharedKeysStore store) : IXmlRepository
{
    private const string Prefix = "protection/";

    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.List(Prefix).Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName) =>
        store.Add(Prefix + friendlyName, element.ToString(SaveOptions.DisableFormatting));
}
