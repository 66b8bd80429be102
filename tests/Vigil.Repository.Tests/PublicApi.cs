using System.Reflection;

namespace Vigil.Repository.Tests;

/// <summary>Describes what an assembly offers: a line for each type, below it one for each member, sorted.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Static | BindingFlags.Instance;

    internal static IEnumerable<string> Describe(Assembly assembly)
    {
        yield return $"# The public API of {assembly.GetName().Name}. VIGIL_UPDATE_API=1 ./test rewrites this file.";
        IEnumerable<Type> types = assembly.GetTypes().Where(IsVisible);
        foreach (Type type in types.OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            yield return "";
            yield return TypeText.Declaration(type);
            IEnumerable<string> members = type switch
            {
                { IsEnum: true } => EnumValues(type),
                { BaseType.FullName: "System.MulticastDelegate" } => [],
                _ => Members(type),
            };
            foreach (string member in members)
            {
                yield return "    " + member;
            }
        }
    }

    // By name, so that overloads stand together.
    private static IEnumerable<string> Members(Type type) =>
        type.GetMembers(Declared)
            .Where(IsVisible)
            .Select(member => (member.Name, Text: MemberText.Describe(member)))
            .OrderBy(member => member.Name, StringComparer.Ordinal)
            .ThenBy(member => member.Text, StringComparer.Ordinal)
            .Select(member => member.Text);

    // By value: the order that a reader expects of flags.
    private static IEnumerable<string> EnumValues(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (field.Name, Value: Convert.ToDecimal(field.GetRawConstantValue(), null)))
            .OrderBy(field => field.Value)
            .ThenBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => $"{field.Name} = {field.Value}");

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem)
            && IsVisible(type.DeclaringType!));

    private static bool IsVisible(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => IsVisible((MethodBase)constructor) && !constructor.IsStatic,
        MethodInfo method => IsVisible((MethodBase)method) && !IsAccessor(method) && !method.Name.Contains('<'),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(true).Any(IsVisible),
        EventInfo @event => IsVisible((MethodBase)@event.AddMethod!),
        _ => false, // nested types have lines of their own
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName
        && (method.Name.StartsWith("get_", StringComparison.Ordinal)
            || method.Name.StartsWith("set_", StringComparison.Ordinal)
            || method.Name.StartsWith("add_", StringComparison.Ordinal)
            || method.Name.StartsWith("remove_", StringComparison.Ordinal));
}
